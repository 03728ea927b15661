using Modular.Host.Persistence;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.Host.Plugins;

/// <summary>
/// Holds a lock in the database for every plug-in that this server runs with, so that the data of one that is still at work is not purged
/// somewhere. The lock goes with the connection, however the server ends.
/// </summary>
internal sealed partial class PluginPresence(PluginSet plugins, NpgsqlDataSource dataSource, TimeProvider clock, ILogger<PluginPresence> logger)
    : BackgroundService
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (plugins.Running.Count > 0 && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await HoldAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                NotHeld(failure);
                await Task.Delay(interval, clock, stoppingToken);
            }
        }
    }

    private async Task HoldAsync(CancellationToken ct)
    {
        await using var session = await KeptSession.OpenAsync(dataSource, ct);
        foreach (var plugin in plugins.Running)
        {
            await session.Connection.HoldPluginAsync(plugin.Name, ct);
        }

        while (true)
        {
            await Task.Delay(interval, clock, ct);
            await session.Connection.PingAsync(ct);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The database cannot be told at the moment which plug-ins are at work; trying again.")]
    private partial void NotHeld(Exception failure);
}
