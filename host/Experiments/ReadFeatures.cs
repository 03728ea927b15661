using Carter;
using Modular.Host.Server;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Host.Experiments;

/// <summary>Shows operators the experiments. The state is in memory; only who changed it is asked of the directory.</summary>
internal static class ReadFeatures
{
    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapGet("/api/v2/features", async (FeatureStore store, IUserDirectory users, TimeProvider clock, CancellationToken ct) =>
                {
                    var states = store.All.ToArray();
                    var described = await users.DescribeAsync([.. states.Select(state => state.ChangedBy).OfType<Guid>().Distinct()], ct);
                    return Json(states.Select(state => FeatureAnswer.Of(state, described, clock.GetUtcNow())).ToArray());
                })
                .Requires(HostPermissions.ReadDeployment)
                .Describe(
                    "ListFeatures",
                    "Lists the experiments and their state",
                    "Every experiment this server carries, on or off, with its rollout and who switched it last. For owners and auditors.")
                .Answers<IReadOnlyList<FeatureAnswer>>().Refuses(403);

            app.MapGet("/api/v2/features/{name}", async (
                    string name, FeatureStore store, IUserDirectory users, TimeProvider clock, CancellationToken ct) =>
                {
                    if (store.Find(name) is not { } state)
                    {
                        return Refusal(Error.ResourceNotFound);
                    }

                    var described = await users.DescribeAsync([.. new[] { state.ChangedBy }.OfType<Guid>()], ct);
                    return Json(FeatureAnswer.Of(state, described, clock.GetUtcNow()));
                })
                .Requires(HostPermissions.ReadDeployment)
                .Describe(
                    "ReadFeature",
                    "Reads an experiment's state",
                    "The answer has an ETag, which If-None-Match and the If-Match of a switch take.")
                .Answers<FeatureAnswer>().AnswersNotModified().Refuses(403, 404);
        }
    }
}
