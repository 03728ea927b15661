using System.Text.Json;
using Carter;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Host.Server.Routes;

/// <summary>
/// Browsers report here what a page's Content-Security-Policy kept out. Anybody can send anything, so at most one line a minute is
/// logged, with the directive alone: addresses may hold secrets.
/// </summary>
internal static partial class ReportContentSecurityViolation
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxDirectiveLength = 64;

    private static readonly TimeSpan quiet = TimeSpan.FromMinutes(1);

    private static long logged = long.MinValue;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/csp/reports", async (
                    HttpRequest request, TimeProvider clock, ILogger<Route> logger, CancellationToken ct) =>
                {
                    var body = await BodyBytes.ReadAsync(request, MaxBytes, ct);
                    if (body.Error is { } error)
                    {
                        return Refusal(error);
                    }

                    if (IsTime(clock))
                    {
                        Reported(logger, Directive(body.Value));
                    }

                    return Json("ok");
                })
                .AllowsAnonymous()
                .WithMetadata(new ForeignPages(NeedsNoProof: true))
                .Describe(
                    nameof(ReportContentSecurityViolation),
                    "Takes a browser's report of a violated content security policy",
                    "Browsers send these by themselves. One a minute is logged, with the directive and nothing else of the report.")
                .WithMetadata(new Answer(StatusCodes.Status200OK, typeof(string)) { MediaType = "application/json", Example = "\"ok\"" })
                .Refuses(413);
    }

    private static bool IsTime(TimeProvider clock)
    {
        var (now, last) = (clock.GetUtcNow().Ticks, Volatile.Read(ref logged));
        return now - quiet.Ticks >= last && Interlocked.CompareExchange(ref logged, now, last) == last;
    }

    private static string Directive(byte[] body)
    {
        try
        {
            using var report = JsonDocument.Parse(body);
            return report.RootElement.ValueKind == JsonValueKind.Object
                && report.RootElement.TryGetProperty("csp-report", out var content) && content.ValueKind == JsonValueKind.Object
                && content.TryGetProperty("violated-directive", out var directive) && directive.GetString() is { } text
                && text.Length <= MaxDirectiveLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or ' ' or '\'')
                    ? text
                    : "unknown";
        }
        catch (Exception nonsense) when (nonsense is JsonException or InvalidOperationException)
        {
            return "unknown";
        }
    }

    [LoggerMessage(LogLevel.Warning, "A browser reported a violation of the content security policy; directive: {Directive}.")]
    private static partial void Reported(ILogger logger, string directive);
}
