using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.Host.Experiments;

/// <summary>Hears of switches on other servers of the same database, and reads the state anew after it could not listen.</summary>
internal sealed class FeatureChangeListener(NpgsqlDataSource dataSource, FeatureStore store, TimeProvider clock, ILogger<FeatureChangeListener> logger)
    : ChannelListener(dataSource, clock, logger, Channel)
{
    internal const string Channel = "modular_features";

    protected override Task OnListeningAsync(CancellationToken ct) => store.LoadAsync(ct);

    protected override Task OnHeardAsync(string what, CancellationToken ct) => store.LoadAsync(ct);
}
