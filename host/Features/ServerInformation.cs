using Carter;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.Host.Features;

/// <summary>What clients ask a server before they know anybody on it.</summary>
internal sealed class ServerInformation : ICarterModule
{
    internal sealed record Greeting(string Message);

    internal sealed record BuildInfo(
        string ExternalUrl,
        string Version,
        string DashboardUrl,
        bool Telemetry,
        bool WorkspaceProxy,
        string AgentApiVersion,
        string ProvisionerApiVersion,
        string UpgradeMessage,
        string DeploymentId);

    internal sealed record ProtectedResource(string Resource, IReadOnlyList<string> BearerMethodsSupported);

    public void AddRoutes(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v2", () => Json(StatusCodes.Status200OK, new Greeting("Modular serves its API here; /docs describes it.")))
            .AllowsAnonymous()
            .Describe("Greet", "Says that the API is here")
            .Answers<Greeting>(StatusCodes.Status200OK);

        app.MapGet("/api/v2/buildinfo", (ServerSettings settings, IAccessUrl accessUrl, DeploymentId deployment) => Json(
                StatusCodes.Status200OK,
                new BuildInfo(
                    accessUrl.Value,
                    settings.ReportedVersion,
                    accessUrl.Value,
                    Telemetry: false,
                    WorkspaceProxy: false,
                    AgentApiVersion: "",
                    ProvisionerApiVersion: "",
                    UpgradeMessage: "",
                    deployment.Value)))
            .AllowsAnonymous()
            .Describe("ReadBuildInfo", "Tells version and addresses of the server")
            .Answers<BuildInfo>(StatusCodes.Status200OK);

        app.MapGet("/.well-known/oauth-protected-resource", (IAccessUrl accessUrl) => Json(
                StatusCodes.Status200OK, new ProtectedResource(accessUrl.Value, ["header"])))
            .AllowsAnonymous()
            .Describe("ReadProtectedResource", "Tells how keys are presented")
            .Answers<ProtectedResource>(StatusCodes.Status200OK);
    }
}

/// <summary>Tells this deployment from others, over restarts and for all servers of one database.</summary>
internal sealed class DeploymentId
{
    /// <summary>Set at start, once the database is there.</summary>
    internal string Value { get; set; } = "";
}
