using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Web;

/// <summary>
/// JSON that is written while it is read, so that a list without a limit costs constant memory: the value is an
/// <see cref="IAsyncEnumerable{T}"/>, or has one as a member. A failure in the middle cuts the connection: the client must not take a part
/// for the whole.
/// </summary>
/// <typeparam name="T">What is written.</typeparam>
/// <param name="value">Its rows are read as they are asked for.</param>
public sealed class JsonStream<T>(T value) : IResult
{
    private static readonly byte[] end = "\n"u8.ToArray();

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = ModularJson.ContentType;

        // Not into BodyWriter: what stands in its buffer cannot be taken back, and a failure to read the first row is still told properly.
        var body = httpContext.Response.Body;
        try
        {
            await JsonSerializer.SerializeAsync(body, value, ModularJson.Options, httpContext.RequestAborted);
            await body.WriteAsync(end, httpContext.RequestAborted);
        }
        catch (Exception failure) when (httpContext.Response.HasStarted)
        {
            httpContext.Abort();
            if (failure is not CallerChangedException)
            {
                throw;
            }
        }
    }
}
