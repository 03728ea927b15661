using Microsoft.FeatureManagement;
using Modular.SharedKernel.Security;

namespace Modular.Host.Experiments;

/// <summary>
/// Puts the stored state into the terms of Microsoft.FeatureManagement. Its own filter of audiences reads all the names of a rollout anew each
/// time it is asked; ours judges by sets that were made when the state changed.
/// </summary>
internal sealed class FeatureDefinitions(FeatureStore store) : IFeatureDefinitionProvider
{
    private static readonly FeatureFilterConfiguration[] byRollout =
        [new() { Name = RolloutFilter.Alias, Parameters = new ConfigurationBuilder().Build() }];

    public async IAsyncEnumerable<FeatureDefinition> GetAllFeatureDefinitionsAsync()
    {
        foreach (var state in store.All)
        {
            yield return await GetFeatureDefinitionAsync(state.Module.FeatureFlag);
        }
    }

    public Task<FeatureDefinition> GetFeatureDefinitionAsync(string featureName) =>
        Task.FromResult(new FeatureDefinition { Name = featureName, EnabledFor = store.Find(featureName) is { Enabled: true } ? byRollout : [] });
}

/// <summary>Whether an experiment that is switched on is on for the caller of the running request.</summary>
[FilterAlias(Alias)]
internal sealed class RolloutFilter(FeatureStore store, ICurrentUser current, TimeProvider clock) : IFeatureFilter
{
    internal const string Alias = "Modular.Rollout";

    public Task<bool> EvaluateAsync(FeatureFilterEvaluationContext context) =>
        Task.FromResult(store.IsOn(context.FeatureName, current.Caller, clock.GetUtcNow()));
}
