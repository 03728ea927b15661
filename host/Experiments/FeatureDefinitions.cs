using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;

namespace Modular.Host.Experiments;

/// <summary>Puts the stored state into the terms of Microsoft.FeatureManagement, which decides for whom an experiment is on.</summary>
internal sealed class FeatureDefinitions(FeatureStore store) : IFeatureDefinitionProvider
{
    public async IAsyncEnumerable<FeatureDefinition> GetAllFeatureDefinitionsAsync()
    {
        foreach (var state in store.All)
        {
            yield return await GetFeatureDefinitionAsync(state.Module.FeatureFlag);
        }
    }

    public Task<FeatureDefinition> GetFeatureDefinitionAsync(string featureName) => Task.FromResult(store.Find(featureName) switch
    {
        { Enabled: true, Rollout: null } => Definition(featureName, new FeatureFilterConfiguration { Name = "AlwaysOn" }),
        { Enabled: true, Rollout: { } rollout } => Definition(featureName, [.. Filters(rollout)]),
        _ => Definition(featureName),
    });

    private static FeatureDefinition Definition(string name, params FeatureFilterConfiguration[] filters) =>
        new() { Name = name, EnabledFor = filters, RequirementType = RequirementType.All };

    private static IEnumerable<FeatureFilterConfiguration> Filters(Rollout rollout)
    {
        if (rollout.From is not null || rollout.Until is not null)
        {
            yield return Filter("Microsoft.TimeWindow", ("Start", rollout.From?.ToString("O")), ("End", rollout.Until?.ToString("O")));
        }

        var everybody = rollout is { Users: null, Roles: null, Percentage: null };
        var parameters = new List<(string, string?)>
        {
            ("Audience:DefaultRolloutPercentage", (everybody ? 100 : rollout.Percentage ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        };
        parameters.AddRange((rollout.Users ?? []).Select((user, i) => ($"Audience:Users:{i}", (string?)user.ToString())));
        foreach (var (role, i) in (rollout.Roles ?? []).Select((role, i) => (role, i)))
        {
            parameters.Add(($"Audience:Groups:{i}:Name", role));
            parameters.Add(($"Audience:Groups:{i}:RolloutPercentage", "100"));
        }

        yield return Filter("Microsoft.Targeting", [.. parameters]);
    }

    private static FeatureFilterConfiguration Filter(string name, params (string Key, string? Value)[] parameters) => new()
    {
        Name = name,
        Parameters = new ConfigurationBuilder()
            .AddInMemoryCollection(parameters.Where(p => p.Value is not null).Select(p => KeyValuePair.Create(p.Key, p.Value)))
            .Build(),
    };
}

/// <summary>Rollouts reach known callers only: an anonymous one has no context and is in none.</summary>
internal sealed class TargetingByCaller(ICurrentUser current) : ITargetingContextAccessor
{
    public ValueTask<TargetingContext> GetContextAsync() => ValueTask.FromResult(current.Caller is { } caller
        ? new TargetingContext { UserId = caller.UserId.ToString(), Groups = [.. caller.Roles, SiteRole.Member] }
        : null!);
}

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
