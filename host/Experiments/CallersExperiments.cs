using Microsoft.FeatureManagement;
using Modular.SharedKernel.Security;

namespace Modular.Host.Experiments;

/// <summary>Decides each experiment once per request and keeps the answer, so that a switch in the middle shows no half state.</summary>
internal sealed class CallersExperiments(IFeatureManager features, IHttpContextAccessor accessor) : IExperiments
{
    public async ValueTask<bool> IsOnAsync(string featureFlag)
    {
        if (accessor.HttpContext is not { } http)
        {
            return await features.IsEnabledAsync(featureFlag);
        }

        if (http.Features.Get<Decided>() is not { } decided)
        {
            http.Features.Set(decided = new Decided([]));
        }

        if (!decided.Flags.TryGetValue(featureFlag, out var on))
        {
            on = decided.Flags[featureFlag] = await features.IsEnabledAsync(featureFlag);
        }

        return on;
    }

    /// <summary>What was decided for the request is decided anew.</summary>
    internal static void Forget(HttpContext http) => http.Features.Set<Decided>(null);

    private sealed record Decided(Dictionary<string, bool> Flags);
}
