using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Web;

namespace Modular.Host.Agents;

/// <summary>
/// What is refused before the protocol begins, in our own words: pages of other origins, keys that open nothing here, and bodies that
/// are too large or say that they are no JSON.
/// </summary>
internal sealed class McpAccess : IEndpointFilter
{
    private static readonly Error foreignOrigin = Error.Forbidden(
        "mcp.foreign_origin",
        "Pages of other origins may not use what this server offers to agents.",
        "Use a client that is no browser, or a page of this server.");

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var accessUrl = http.RequestServices.GetRequiredService<IAccessUrl>();
        if (http.Request.Headers.Origin.ToString() is { Length: > 0 } origin && !accessUrl.IsOrigin(origin))
        {
            return ResultHttp.Refusal(foreignOrigin);
        }

        var offerings = http.RequestServices.GetRequiredService<McpOfferings>();
        if ((await offerings.OpenAsync(http)).Count == 0)
        {
            return RefuseKey(await offerings.OnAsync(), accessUrl);
        }

        if (HttpMethods.IsPost(http.Request.Method))
        {
            if (!http.Request.HasJsonContentType() || BodyBytes.IsEncoded(http.Request))
            {
                return ResultHttp.Refusal(BodyErrors.NotJson);
            }

            var body = await BodyBytes.ReadAsync(http.Request, MaxBodyBytes.Default, http.RequestAborted);
            if ((await http.JudgeCallerAgainAsync() ?? body.Error) is { } error)
            {
                return ResultHttp.Refusal(error);
            }

            var message = McpMessage.Read(body.Value);
            if (message.Refusal is { } refusal)
            {
                // The error of a request is an answer to it, and clients look for its code there.
                return ResultHttp.Json(message.IsOfRequest ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, refusal);
            }

            if (message.IsNewerInitialize)
            {
                http.Request.Headers.Remove("MCP-Protocol-Version"); // It says the same again.
            }

            http.Request.Body = new MemoryStream(message.Body!);
            http.Request.ContentLength = message.Body!.Length;
        }

        return await next(context);
    }

    /// <summary>Names what would open something, as clients that can ask for more read it from the header.</summary>
    private static IResult RefuseKey(IEnumerable<McpOffering> on, IAccessUrl accessUrl)
    {
        string[] scopes = [.. on.Select(offering => offering.Permission.ToString()).Distinct().Order(StringComparer.Ordinal)];
        return ResultHttp.Refusal(Error.NotAllowed with
        {
            Detail = $"The key needs the scope {string.Join(" or ", scopes)}, an allow list that admits something of the kind, and an owner who may do that.",
            Challenge = accessUrl.Challenge("insufficient_scope", "The key opens nothing here", scopes),
        });
    }
}
