using Carter;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Host.Server.Routes;

/// <summary>What clients ask a server before they know anybody on it.</summary>
internal static class ServerInformation
{
    [AnswerExample("""{"message":"Modular serves its API here; /docs describes it."}""")]
    internal sealed record Greeting(string Message);

    [AnswerExample(
        """
        {"external_url":"https://users.example.com","version":"v2.34.1+modular.0.1.0","dashboard_url":"https://users.example.com",
        "telemetry":false,"workspace_proxy":false,"agent_api_version":"","provisioner_api_version":"","upgrade_message":"",
        "deployment_id":"9fc65ffd-9fa7-46c7-aebd-106dd7957199"}
        """)]
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

    [AnswerExample("""{"resource":"https://users.example.com","bearer_methods_supported":["header"]}""")]
    internal sealed record ProtectedResource(string Resource, IReadOnlyList<string> BearerMethodsSupported);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapGet("/api/v2", () => Json(new Greeting("Modular serves its API here; /docs describes it.")))
                .AllowsAnonymous()
                .Describe(
                    "Greet",
                    "Says that the API is here",
                    "For clients that probe the address before they log in.")
                .Answers<Greeting>();

            app.MapGet("/api/v2/buildinfo", (ServerSettings settings, IAccessUrl accessUrl, DeploymentId deployment) => Json(new BuildInfo(
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
                .Describe(
                    "ReadBuildInfo",
                    "Tells version and addresses of the server",
                    "Clients compare the version with their own before they do anything else.")
                .Answers<BuildInfo>();

            app.MapGet("/.well-known/oauth-protected-resource", (IAccessUrl accessUrl) => Json(new ProtectedResource(accessUrl.Value, ["header"])))
                .AllowsAnonymous()
                .Describe(
                    "ReadProtectedResource",
                    "Tells how keys are presented",
                    "OAuth 2.0 Protected Resource Metadata (RFC 9728), for clients that look for it.")
                .Answers<ProtectedResource>();
        }
    }
}

/// <summary>Tells this deployment from others, over restarts and for all servers of one database.</summary>
internal sealed class DeploymentId
{
    /// <summary>Set at start, once the database is there.</summary>
    internal string Value { get; set; } = "";
}
