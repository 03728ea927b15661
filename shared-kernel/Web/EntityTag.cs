using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Results;

namespace Modular.SharedKernel.Web;

/// <summary>Strong entity tags (RFC 9110, 8.8.3): equal for equal content, whichever server answers.</summary>
public static class EntityTag
{
    private const int Bytes = 16;

    /// <summary>The tag of what is written as this JSON, in quotes.</summary>
    public static string Of<T>(T content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(ModularJson.Serialize(content)).AsSpan(0, Bytes))}\"";

    /// <summary>
    /// A JSON answer with its tag. To a GET whose <c>If-None-Match</c> has the tag it is 304, without a body.
    /// </summary>
    public static IResult Tagged<T>(T value, string tag) => new TaggedAnswer<T>(value, tag);

    private sealed class TaggedAnswer<T>(T value, string tag) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.ETag = tag;
            if (HttpMethods.IsGet(httpContext.Request.Method) && Names(httpContext.Request.Headers.IfNoneMatch, tag, strong: false))
            {
                httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }

            return ResultHttp.Json(Answer.SuccessOf(httpContext.GetEndpoint()), value).ExecuteAsync(httpContext);
        }
    }

    internal static bool Names(StringValues header, string tag, bool strong)
    {
        var wanted = EntityTagHeaderValue.Parse(tag);
        return EntityTagHeaderValue.TryParseList(header, out var named)
            && named.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(wanted, strong));
    }
}

/// <summary>
/// The <c>If-Match</c> of a request, never required: the state that a write is meant for. Handlers ask under the lock of what they write,
/// after the rules of the fields and before conflicts.
/// </summary>
public sealed class IfMatch
{
    private readonly StringValues header;

    private IfMatch(StringValues header) => this.header = header;

    /// <summary>The refusal of a write that is meant for an older state.</summary>
    public static readonly Error Stale = new(
        ErrorKind.PreconditionFailed,
        "stale",
        "This has been changed since it was read.",
        "Read it again and repeat the change with the new ETag in If-Match.");

    /// <summary>Takes the header.</summary>
    public static ValueTask<IfMatch?> BindAsync(HttpContext context) => ValueTask.FromResult<IfMatch?>(new IfMatch(context.Request.Headers.IfMatch));

    /// <summary>Whether the header is there and names another state; what is no entity tag names none.</summary>
    public bool Excludes(string tag) => header.Count > 0 && !EntityTag.Names(header, tag, strong: true);
}
