using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;

namespace Modular.Host.Experiments;

/// <summary>Decides each experiment once per request and keeps the answer, so that a switch in the middle shows no half state.</summary>
internal sealed class CallersExperiments(FeatureStore store, ICurrentUser current, IHttpContextAccessor accessor, TimeProvider clock) : IExperiments
{
    public ValueTask<bool> IsOnAsync(string featureFlag)
    {
        var key = (typeof(CallersExperiments), featureFlag);
        if (accessor.HttpContext is not { } http)
        {
            return ValueTask.FromResult(store.IsOn(featureFlag, current.Caller, clock.GetUtcNow()));
        }

        if (http.Items[key] is not bool on)
        {
            on = store.IsOn(featureFlag, current.Caller, clock.GetUtcNow());
            http.Items[key] = on;
        }

        return ValueTask.FromResult(on);
    }
}
