using Carter;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using SampleExperiment.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace SampleExperiment.Features;

internal static class ListEntries
{
    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/experimental/users/{user}/sample-experiment", async (
                    Target target, SampleExperimentDbContext db, CancellationToken ct) =>
                {
                    var entries = await db.Entries.AsNoTracking().Where(entry => entry.UserId == target.Id).OrderBy(entry => entry.Id).ToListAsync(ct);
                    return Json(entries.Select(EntryAnswer.Of).ToArray());
                })
                .RequiresToSee(EntryPermissions.Read)
                .Describe("SampleExperimentListEntries", "Lists a user's entries", "The oldest first.")
                .Answers<IReadOnlyList<EntryAnswer>>().Refuses(404);
    }
}
