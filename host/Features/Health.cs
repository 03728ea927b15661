using Carter;
using Modular.SharedKernel.Web;
using Npgsql;
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.Host.Features;

/// <summary>For whoever watches over the server: whether the process answers, and whether it can do its work.</summary>
internal sealed class Health : ICarterModule
{
    internal sealed record Readiness(string Status, IReadOnlyList<string> Failing);

    public void AddRoutes(IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Text("OK"))
            .AllowsAnonymous()
            .Describe("CheckHealth", "Answers as long as the process does")
            .Answers<string>(StatusCodes.Status200OK);

        app.MapGet("/readyz", async (NpgsqlDataSource database, CancellationToken ct) =>
            {
                try
                {
                    await using var ping = database.CreateCommand("select 1");
                    await ping.ExecuteScalarAsync(ct);
                    return Json(StatusCodes.Status200OK, new Readiness("ready", []));
                }
                catch (NpgsqlException)
                {
                    return Json(StatusCodes.Status503ServiceUnavailable, new Readiness("not ready", ["database"]));
                }
            })
            .AllowsAnonymous()
            .Describe("CheckReadiness", "Answers 200 when requests can be served, else 503 and what is failing")
            .Answers<Readiness>(StatusCodes.Status200OK).Refuses(503);
    }
}
