using Microsoft.FeatureManagement;
using Modular.SharedKernel.Modules;

namespace Modular.Host.Experiments;

/// <summary>Decides each experiment once per request and keeps the answer, so that a switch in the middle shows no half state.</summary>
internal sealed class CallersExperiments(IFeatureManager features, IHttpContextAccessor accessor) : IExperiments
{
    public async ValueTask<bool> IsOnAsync(string featureFlag)
    {
        var key = (typeof(CallersExperiments), featureFlag);
        if (accessor.HttpContext is not { } http)
        {
            return await features.IsEnabledAsync(featureFlag);
        }

        if (http.Items[key] is not bool on)
        {
            on = await features.IsEnabledAsync(featureFlag);
            http.Items[key] = on;
        }

        return on;
    }
}
