using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modular.SharedKernel.Json;

namespace Modular.SharedKernel.Web;

/// <summary>
/// A JSON array that is written while it is read, in batches, so that a list without a limit costs constant memory. A failure
/// in the middle cuts the connection: the client must not take a part for the whole.
/// </summary>
/// <typeparam name="T">What the array holds.</typeparam>
/// <param name="items">Batches are read as they are asked for.</param>
/// <param name="before">JSON before the array, such as <c>{"users":</c>.</param>
/// <param name="after">JSON behind it, such as <c>,"count":3}</c>.</param>
public sealed class JsonStream<T>(IAsyncEnumerable<T> items, string before = "", string after = "") : IResult
{
    private const int FlushAt = 64 * 1024;

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = ModularJson.ContentType;
        var body = httpContext.Response.Body;
        using var buffer = new MemoryStream();
        Append(before + "[");
        var first = true;
        try
        {
            await foreach (var item in items.WithCancellation(httpContext.RequestAborted))
            {
                if (!first)
                {
                    buffer.WriteByte((byte)',');
                }

                first = false;
                JsonSerializer.Serialize(buffer, item, ModularJson.Options);
                if (buffer.Length >= FlushAt)
                {
                    await FlushAsync();
                }
            }

            Append("]" + after + "\n");
            await FlushAsync();
        }
        catch when (httpContext.Response.HasStarted)
        {
            httpContext.Abort();
            throw;
        }

        void Append(string text) => buffer.Write(System.Text.Encoding.UTF8.GetBytes(text));

        async Task FlushAsync()
        {
            await body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), httpContext.RequestAborted);
            buffer.SetLength(0);
        }
    }
}
