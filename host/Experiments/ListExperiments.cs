using Carter;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Host.Experiments;

/// <summary>Tells clients which experiments are on for them, and which an operator could switch on.</summary>
internal static class ListExperiments
{
    [AnswerExample("""{"safe":["shared-bookmarks"]}""")]
    internal sealed record AvailableExperiments(IReadOnlyList<string> Safe);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapGet("/api/v2/experiments", async (FeatureStore store, IExperiments experiments) =>
                {
                    var on = new List<string>();
                    foreach (var state in store.All)
                    {
                        if (await experiments.IsOnAsync(state.Module.FeatureFlag))
                        {
                            on.Add(state.Module.FeatureFlag);
                        }
                    }

                    return Json(on);
                })
                .RequiresAnyKey()
                .Describe(
                    nameof(ListExperiments),
                    "Lists the experiments that are on for the caller",
                    "Experiments with a rollout are listed for those users and roles alone. Clients ask this before they offer a feature.")
                .Answers<IReadOnlyList<string>>(example: """["shared-bookmarks"]""");

            app.MapGet("/api/v2/experiments/available", (FeatureStore store) => Json(new AvailableExperiments([.. store.All
                        .Where(state => state.Module is { IsSafe: true, Stage: not ExperimentStage.Retired })
                        .Select(state => state.Module.FeatureFlag)])))
                .RequiresAnyKey()
                .Describe(
                    "ListAvailableExperiments",
                    "Lists the experiments that an operator can switch on",
                    "Those that are safe to try, whether on or off, for any caller.")
                .Answers<AvailableExperiments>();
        }
    }
}
