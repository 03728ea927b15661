using Carter;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.Host.Experiments;

/// <summary>Tells clients which experiments are on for them, and which an operator could switch on.</summary>
internal sealed class ListExperiments : ICarterModule
{
    internal sealed record Available(IReadOnlyList<string> Safe);

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

                return Json(StatusCodes.Status200OK, on);
            })
            .RequiresAnyKey()
            .Describe(nameof(ListExperiments), "Lists the experiments that are on for the caller")
            .Answers<IReadOnlyList<string>>(StatusCodes.Status200OK);

        app.MapGet("/api/v2/experiments/available", (FeatureStore store) => Json(
                StatusCodes.Status200OK,
                new Available([.. store.All
                    .Where(state => state.Module.Stage is not ExperimentStage.Retired)
                    .Select(state => state.Module.FeatureFlag)])))
            .RequiresAnyKey()
            .Describe("ListAvailableExperiments", "Lists the experiments that an operator can switch on")
            .Answers<Available>(StatusCodes.Status200OK);
    }
}
