using System.Diagnostics;
using Modular.SharedKernel.Text;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server;

/// <summary>
/// Gives every request an id and every answer the headers that never vary, and serves HEAD as GET. One line is logged per
/// request: route pattern, status, time; never the path or the query, which may hold what must not be logged.
/// </summary>
internal sealed partial class RequestIdentity(
    RequestDelegate next, ServerSettings settings, IAccessUrl accessUrl, TimeProvider clock, ILogger<RequestIdentity> logger)
{
    /// <summary>Browsers that have been here once come back by https alone, for a year.</summary>
    private const string OnlyByHttps = "max-age=31536000";

    internal const string Header = "X-Request-Id";

    public async Task InvokeAsync(HttpContext http)
    {
        var id = Uuid.TryParse(http.Request.Headers[Header].ToString(), out var given) ? given : Guid.CreateVersion7(clock.GetUtcNow());
        http.Items[typeof(RequestIdentity)] = id;
        http.Response.OnStarting(SetConstantHeaders, http);
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Request.Method = HttpMethods.Get; // The server itself leaves the body out.
        }

        var started = clock.GetTimestamp();
        using var scope = Request(logger, id);
        Activity.Current?.SetTag("modular.request_id", id.ToString());
        await next(http);
        var pattern = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
        Served(http.Request.Method, pattern, http.Response.StatusCode, (long)clock.GetElapsedTime(started).TotalMicroseconds);
    }

    private static readonly Func<ILogger, Guid, IDisposable?> Request = LoggerMessage.DefineScope<Guid>("request {RequestId}");

    private Task SetConstantHeaders(object state)
    {
        var http = (HttpContext)state;
        var headers = http.Response.Headers;
        headers[Header] = http.RequestId().ToString();
        headers["X-Coder-Build-Version"] = settings.ReportedVersion;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.Append("Vary", "Cookie");
        if (accessUrl.IsHttps)
        {
            headers.StrictTransportSecurity = OnlyByHttps;
        }

        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        }

        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Information, "{Method} {Route} {Status} in {Microseconds} us")]
    private partial void Served(string method, string route, int status, long microseconds);
}

internal static class RequestIdentityOfContext
{
    /// <summary>The request's id, equal to the answer's header.</summary>
    internal static Guid RequestId(this HttpContext http) => http.Items[typeof(RequestIdentity)] as Guid? ?? Guid.Empty;
}
