using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.ApiKeys.Authentication;

/// <summary>Hears what other servers change about keys. While it cannot, the cache is not used.</summary>
internal sealed class KeyChangeListener(NpgsqlDataSource dataSource, KeyCache cache, TimeProvider clock, ILogger<KeyChangeListener> logger)
    : ChannelListener(dataSource, clock, logger, KeyChanges.Channel)
{
    protected override Task OnListeningAsync(CancellationToken ct)
    {
        cache.Trust();
        return Task.CompletedTask;
    }

    protected override Task OnHeardAsync(string what, CancellationToken ct)
    {
        KeyChanges.Apply(cache, what);
        return Task.CompletedTask;
    }

    protected override void OnAlive() => cache.Trust();

    protected override void OnLost() => cache.Distrust();
}
