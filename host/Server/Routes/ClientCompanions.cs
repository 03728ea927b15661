using System.Text.Json.Serialization;
using Carter;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Host.Server.Routes;

/// <summary>
/// What existing clients ask beside the users API before they go on. This product has no workspaces, licences or telemetry, and says
/// so in the form that they expect.
/// </summary>
internal static class ClientCompanions
{
    [AnswerExample("""{"current":true,"version":"v2.34.1+modular.0.1.0","url":""}""")]
    internal sealed record UpdateCheck(bool Current, string Version, string Url);

    [AnswerExample("""{"hostname_prefix":"","hostname_suffix":"","ssh_config_options":{}}""")]
    internal sealed record SshConfiguration(string HostnamePrefix, string HostnameSuffix, IReadOnlyDictionary<string, string> SshConfigOptions);

    [AnswerExample(
        """
        {"features":{},"warnings":[],"errors":[],"has_license":false,"trial":false,"require_telemetry":false,
        "refreshed_at":"2026-11-26T16:20:54.580665Z"}
        """)]
    internal sealed record Entitlements(
        IReadOnlyDictionary<string, string> Features,
        IReadOnlyList<string> Warnings,
        IReadOnlyList<string> Errors,
        bool HasLicense,
        bool Trial,
        bool RequireTelemetry,
        DateTimeOffset RefreshedAt);

    internal sealed record Banner(bool Enabled);

    [AnswerExample(
        """
        {"application_name":"","logo_url":"","docs_url":"https://users.example.com/docs","service_banner":{"enabled":false},
        "announcement_banners":[],"notification_banners":[]}
        """)]
    internal sealed record DeploymentAppearance(
        string ApplicationName,
        string LogoUrl,
        string DocsUrl,
        Banner ServiceBanner,
        IReadOnlyList<string> AnnouncementBanners,
        IReadOnlyList<string> NotificationBanners);

    internal sealed record Latency(
        [property: JsonPropertyName("P50")] double P50, [property: JsonPropertyName("P95")] double P95);

    internal sealed record WorkspaceStats(
        int Pending, int Building, int Running, int Failed, int Stopped, Latency ConnectionLatencyMs, long RxBytes, long TxBytes);

    internal sealed record SessionCount(int Vscode, int Ssh, int Jetbrains, int ReconnectingPty);

    [AnswerExample(
        """
        {"aggregated_from":"2026-11-26T16:20:54.567902Z","collected_at":"2026-11-26T16:20:54.567902Z",
        "next_update_at":"2026-11-26T16:20:54.567902Z","workspaces":{"pending":0,"building":0,"running":0,"failed":0,"stopped":0,
        "connection_latency_ms":{"P50":0,"P95":0},"rx_bytes":0,"tx_bytes":0},"session_count":{"vscode":0,"ssh":0,"jetbrains":0,"reconnecting_pty":0}}
        """)]
    internal sealed record DeploymentStats(
        DateTimeOffset AggregatedFrom, DateTimeOffset CollectedAt, DateTimeOffset NextUpdateAt, WorkspaceStats Workspaces, SessionCount SessionCount);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapGet("/api/v2/updatecheck", (ServerSettings settings) =>
                    Json(new UpdateCheck(Current: true, settings.ReportedVersion, "")))
                .AllowsAnonymous()
                .Describe(
                    "CheckForUpdate",
                    "Says that there is no newer version to be told of",
                    "This server looks nowhere for newer versions; the answer keeps clients that ask quiet.")
                .Answers<UpdateCheck>();

            app.MapGet("/api/v2/appearance", (IAccessUrl accessUrl) => Json(new DeploymentAppearance("", "", $"{accessUrl.Value}/docs", new Banner(Enabled: false), [], [])))
                .AllowsAnonymous()
                .Describe(
                    "ReadDeploymentAppearance",
                    "Tells how this deployment presents itself",
                    "Name, logo and banners, for clients that show them; this server has none of its own.")
                .Answers<DeploymentAppearance>();

            app.MapGet("/api/v2/deployment/ssh", () => Json(new SshConfiguration("", "", new Dictionary<string, string>())))
                .RequiresAnyKey()
                .Describe(
                    "ReadSshConfiguration",
                    "Tells that there is nothing to reach by SSH here",
                    "There are no workspaces here. Clients that write an SSH configuration find it empty.")
                .Answers<SshConfiguration>();

            app.MapGet("/api/v2/deployment/stats", (TimeProvider clock) =>
                {
                    var now = clock.GetUtcNow();
                    return Json(new DeploymentStats(now, now, now, new WorkspaceStats(0, 0, 0, 0, 0, new Latency(0, 0), 0, 0), new SessionCount(0, 0, 0, 0)));
                })
                .Requires(HostPermissions.ReadStats)
                .Describe(
                    "ReadDeploymentStats",
                    "Counts workspaces and their sessions: there are none",
                    "There are no workspaces here, so every number is 0.")
                .Answers<DeploymentStats>().Refuses(403);

            app.MapGet("/api/v2/entitlements", (TimeProvider clock) => Json(new Entitlements(
                        new Dictionary<string, string>(), [], [], HasLicense: false, Trial: false, RequireTelemetry: false, clock.GetUtcNow())))
                .RequiresAnyKey()
                .Describe(
                    "ReadEntitlements",
                    "Tells that nothing here needs a licence",
                    "There are no licences here, so there are no features to be entitled to.")
                .Answers<Entitlements>();
        }
    }
}
