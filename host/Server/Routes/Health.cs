using Carter;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Host.Server.Routes;

/// <summary>For load balancers and monitoring: whether the process answers, and whether it can serve requests.</summary>
internal static class Health
{
    [AnswerExample("""{"status":"ready","failing":[]}""")]
    internal sealed record Readiness(string Status, IReadOnlyList<string> Failing);

    private const string Liveness = "/healthz";
    private const string ReadinessPath = "/readyz";

    internal static bool IsProbe(PathString path) => path == Liveness || path == ReadinessPath;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapGet(Liveness, () => Results.Text("OK"))
                .AllowsAnonymous()
                .Describe(
                    "CheckHealth",
                    "Answers as long as the process does",
                    "For a supervisor that restarts a process which no longer answers. The database is not asked.")
                .Answers<string>(example: "\"OK\"")
                .NeedsNoDatabase();

            app.MapGet(ReadinessPath, async (DatabaseProbe database, CancellationToken ct) => await database.AnswersAsync(ct)
                    ? Json(new Readiness("ready", []))
                    : Json(StatusCodes.Status503ServiceUnavailable, new Readiness("not ready", ["database"])))
                .AllowsAnonymous()
                .Describe(
                    "CheckReadiness",
                    "Answers 200 when requests can be served, else 503 and what is failing",
                    "For a load balancer: what the database has answered within the last second.")
                .Answers<Readiness>().Answers<Readiness>(StatusCodes.Status503ServiceUnavailable);
        }
    }
}
