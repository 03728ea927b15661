using Modular.SharedKernel.Results;
using Modular.SharedKernel.Web;

namespace Modular.Host.Mcp;

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
        if (http.Request.Headers.Origin.ToString() is { Length: > 0 } origin && !http.RequestServices.GetRequiredService<IAccessUrl>().IsOrigin(origin))
        {
            return ResultHttp.Refuse(foreignOrigin);
        }

        if ((await http.RequestServices.GetRequiredService<McpOfferings>().OpenAsync(http)).Count == 0)
        {
            return ResultHttp.Refuse(Error.NotAllowed);
        }

        if (HttpMethods.IsPost(http.Request.Method))
        {
            if (!http.Request.HasJsonContentType())
            {
                return ResultHttp.Refuse(BodyErrors.NotJson);
            }

            var body = await BodyBytes.ReadAsync(http.Request, MaxBodyBytes.Default, http.RequestAborted);
            if ((await http.JudgeCallerAgainAsync() ?? body.Error) is { } error)
            {
                return ResultHttp.Refuse(error);
            }

            http.Request.Body = new MemoryStream(body.Value);
        }

        return await next(context);
    }
}
