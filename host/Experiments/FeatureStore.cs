using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Modular.Host.Experiments.Domain;
using Modular.Host.Persistence;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;

namespace Modular.Host.Experiments;

/// <summary>The state of an experiment, and where it comes from.</summary>
internal sealed record FeatureState(
    IExperimentalModule Module, bool Enabled, Rollout? Rollout, string Source, string Reason, DateTimeOffset? ChangedAt, Guid? ChangedBy, long Version)
{
    private readonly Audience? audience = Rollout is null ? null : new Audience(Module.FeatureFlag, Rollout);

    /// <summary>Whether the experiment is on for the caller, or for a request without one.</summary>
    internal bool IsOn(Caller? caller, DateTimeOffset now) => Enabled && (audience is null || audience.Admits(caller, now));
}

/// <summary>
/// The last known state of every experiment, in memory: asking costs nothing, and while the database is away the state holds. A switch
/// on this server is known before it is answered; those of other servers are read when they are heard of.
/// </summary>
internal sealed partial class FeatureStore : IDisposable
{
    /// <summary>What watchers of the server collect.</summary>
    internal const string MeterName = "Modular.Experiments";

    private readonly Lock changing = new();
    private readonly IServiceScopeFactory scopes;
    private readonly ExperimentSettings settings;
    private readonly ILogger<FeatureStore> logger;
    private readonly IExperimentalModule[] experiments;

    private readonly SemaphoreSlim loading = new(1);
    private FrozenDictionary<string, FeatureState> states = FrozenDictionary<string, FeatureState>.Empty;

    public FeatureStore(
        IServiceScopeFactory scopes, IEnumerable<IModule> modules, ExperimentSettings settings, IMeterFactory meters, ILogger<FeatureStore> logger)
    {
        this.scopes = scopes;
        this.settings = settings;
        this.logger = logger;
        experiments = [.. modules.OfType<IExperimentalModule>().OrderBy(module => module.FeatureFlag, StringComparer.Ordinal)];
        meters.Create(MeterName).CreateObservableGauge(
            "modular_experiment_enabled",
            () => states.Values.Select(state => new Measurement<int>(
                state.Enabled ? 1 : 0, KeyValuePair.Create<string, object?>("name", state.Module.FeatureFlag))),
            description: "1 for an experiment that is on, for everybody or for a rollout, 0 for one that is off.");
    }

    /// <summary>All experiments by name.</summary>
    internal IEnumerable<FeatureState> All => experiments.Select(module => states[module.FeatureFlag]);

    /// <summary>Null for a name that is no experiment's.</summary>
    internal FeatureState? Find(string name) => states.GetValueOrDefault(name);

    /// <summary>Whether the experiment is on for the caller, or for a request without one; one that does not exist is not.</summary>
    internal bool IsOn(string name, Caller? caller, DateTimeOffset now) => Find(name)?.IsOn(caller, now) == true;

    /// <summary>Reads the operators' words. One reading at a time, so that an older one never replaces a newer one.</summary>
    internal async Task LoadAsync(CancellationToken ct)
    {
        await loading.WaitAsync(ct);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var switches = await scope.ServiceProvider.GetRequiredService<HostDbContext>().Features.AsNoTracking().ToDictionaryAsync(f => f.Name, ct);
            lock (changing)
            {
                states = experiments.Select(module => Newer(StateOf(module, switches.GetValueOrDefault(module.FeatureFlag))))
                    .ToFrozenDictionary(state => state.Module.FeatureFlag);
            }
        }
        finally
        {
            loading.Release();
        }
    }

    /// <summary>Takes over what this server has just committed.</summary>
    internal void Apply(FeatureState committed)
    {
        lock (changing)
        {
            states = states.Values.Select(state => state.Module == committed.Module ? Newer(committed) : state)
                .ToFrozenDictionary(state => state.Module.FeatureFlag);
        }
    }

    public void Dispose() => loading.Dispose();

    /// <summary>What was read before another switch was committed does not undo it.</summary>
    private FeatureState Newer(FeatureState read) =>
        states.TryGetValue(read.Module.FeatureFlag, out var known) && known.Version > read.Version ? known : read;

    /// <summary>Says at start which experiments are on, and which configured names mean nothing.</summary>
    internal void Report()
    {
        foreach (var name in settings.Names.Where(name => name != ExperimentSettings.AllSafe && Find(name) is null))
        {
            Unknown(name);
        }

        ExperimentsOn(string.Join(", ", All.Where(state => state.Enabled).Select(state => state.Module.FeatureFlag).DefaultIfEmpty("none")));
    }

    private FeatureState StateOf(IExperimentalModule module, FeatureSwitch? word)
    {
        var configured = settings.Names.Contains(module.FeatureFlag) || (module.IsSafe && settings.Names.Contains(ExperimentSettings.AllSafe));
        return module.Stage switch
        {
            ExperimentStage.Graduated => new FeatureState(module, true, null, "default", "", null, null, 0),
            ExperimentStage.Retired => new FeatureState(module, false, null, "default", "", null, null, 0),
            _ when word is not null => new FeatureState(
                module, word.Enabled, word.ReadRollout(), "operator", word.Reason, word.ChangedAt, word.ChangedBy, word.Version),
            _ => new FeatureState(module, configured, null, configured ? "configuration" : "default", "", null, null, 0),
        };
    }

    [LoggerMessage(LogLevel.Warning, "The configured experiment {Name} does not exist here and is ignored.")]
    private partial void Unknown(string name);

    [LoggerMessage(LogLevel.Information, "Experiments that are on: {Names}")]
    private partial void ExperimentsOn(string names);
}
