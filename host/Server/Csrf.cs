using System.Net;
using System.Security.Cryptography;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server;

/// <summary>
/// Refuses writes that a foreign page could have made with a browser's cookie. A request that has the session in a header, or a token
/// that matches the CSRF cookie, or comes from our own pages, passes; so does every request without a session cookie, except where
/// a foreign page could claim the server or log the browser's user in.
/// </summary>
internal sealed class Csrf(RequestDelegate next, SessionCookie cookies, IAccessUrl accessUrl, ServerSettings settings, EndpointDataSource routes)
{
    private const string CookieName = "csrf_token";
    private const string TokenHeader = "X-CSRF-Token";
    private const string SessionHeader = "Coder-Session-Token";
    private const string SessionParameter = "coder_session_token";
    private const int TokenBytes = 32;

    /// <summary>Headers that only provisioners send. Like any header of its own kind, a page of another origin cannot set them.</summary>
    private static readonly string[] provisionerHeaders = ["Coder-Provisioner-Daemon-Key", "Coder-Provisioner-Daemon-PSK"];

    /// <summary>What routes say of themselves, by path: this is decided before a route is chosen. Read when all are mapped.</summary>
    private readonly Lazy<Dictionary<string, ForeignPages>> rules = new(() => routes.Endpoints
        .OfType<RouteEndpoint>()
        .Select(route => (Path: route.RoutePattern.RawText!, Rule: route.Metadata.GetMetadata<ForeignPages>()))
        .Where(route => route.Rule is not null)
        .GroupBy(route => route.Path, route => route.Rule!, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(path => path.Key, path => path.First(), StringComparer.OrdinalIgnoreCase));

    public async Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        if (!request.Cookies.ContainsKey(CookieName))
        {
            http.Response.OnStarting(() =>
            {
                // Not by the response's cookies, which would escape what clients read as base64.
                var token = Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes));
                http.Response.Headers.Append("Set-Cookie", cookies.Options().CreateCookieHeader(CookieName, token).ToString());
                return Task.CompletedTask;
            });
        }

        if (IsUnsafe(request.Method) && request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && Problem(request) is { } problem)
        {
            await http.WriteErrorAsync(HttpStatusCode.BadRequest, "The request could come from a foreign page and was refused.", problem);
            return;
        }

        await next(http);
    }

    private static bool IsUnsafe(string method) =>
        !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method) && !HttpMethods.IsTrace(method);

    private string? Problem(HttpRequest request)
    {
        var (own, foreign) = Provenance(request);
        var rule = rules.Value.GetValueOrDefault(request.Path.Value is [.. var path, '/'] ? path : request.Path.Value!);
        if (foreign && rule is { OwnPagesOnly: true })
        {
            return "Logging in and setting up are only for this server's own pages and for clients that are no browsers.";
        }

        if (request.Cookies[cookies.Name] is not { Length: > 0 } session || rule is { NeedsNoProof: true })
        {
            return null;
        }

        var header = request.Headers[SessionHeader].ToString();
        if (header == session
            || (settings.KeysInQuery && Paging.First(request.Query, SessionParameter) == session)
            || provisionerHeaders.Any(request.Headers.ContainsKey)
            || request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            || TokenMatches(request)
            || own)
        {
            return null;
        }

        return header.Length > 0
            ? "The session cookie and the header Coder-Session-Token differ. Drop the cookie, or send the same session in both."
            : "Send the session in the header Coder-Session-Token, or the header X-CSRF-Token that belongs to the csrf_token cookie.";
    }

    /// <summary>Whether the request says that it comes from our own pages, or from foreign ones. Clients that are no browsers say neither.</summary>
    private (bool Own, bool Foreign) Provenance(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
        {
            var ours = site is "same-origin" or "none";
            return (ours, !ours);
        }

        if (request.Headers.Origin.ToString() is { Length: > 0 } origin)
        {
            var ours = accessUrl.IsOrigin(origin);
            return (ours, !ours);
        }

        return (false, false);
    }

    /// <summary>The header carries a one-time pad and the token under it, so that the token never looks the same twice.</summary>
    private static bool TokenMatches(HttpRequest request)
    {
        var token = new byte[TokenBytes];
        var masked = new byte[2 * TokenBytes];
        if (!Convert.TryFromBase64String(request.Cookies[CookieName] ?? "", token, out var length) || length != TokenBytes
            || !Convert.TryFromBase64String(request.Headers[TokenHeader].ToString(), masked, out length) || length != 2 * TokenBytes)
        {
            return false;
        }

        for (var i = 0; i < TokenBytes; i++)
        {
            masked[TokenBytes + i] ^= masked[i];
        }

        return CryptographicOperations.FixedTimeEquals(token, masked.AsSpan(TokenBytes));
    }
}
