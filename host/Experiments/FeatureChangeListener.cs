using Npgsql;

namespace Modular.Host.Experiments;

/// <summary>Hears of switches on other servers of the same database, and reads the state anew after it could not listen.</summary>
internal sealed partial class FeatureChangeListener(
    NpgsqlDataSource dataSource, FeatureStore store, TimeProvider clock, ILogger<FeatureChangeListener> logger) : BackgroundService
{
    internal const string Channel = "modular_features";

    private static readonly TimeSpan pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                NotListening(failure);
                await Task.Delay(pause, clock, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return; // The server stops.
            }
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        while (true)
        {
            await store.LoadAsync(ct);
            await connection.WaitAsync(ct);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Switches of experiments on other servers cannot be heard at the moment; trying again.")]
    private partial void NotListening(Exception failure);
}
