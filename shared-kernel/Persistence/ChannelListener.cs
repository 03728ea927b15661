using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Modular.SharedKernel.Persistence;

/// <summary>
/// Hears what servers of the same database tell each other on a channel (PostgreSQL's LISTEN). It looks every second whether its
/// connection still answers, makes another one at once when it does not, and tries again each second while there is none.
/// </summary>
public abstract partial class ChannelListener(NpgsqlDataSource dataSource, TimeProvider clock, ILogger logger, string channel) : BackgroundService
{
    private const int SecondsToAnswer = 1;

    private static readonly TimeSpan pause = TimeSpan.FromSeconds(1);

    private bool listening;

    /// <summary>Everything told from now on is heard; what was told before may not have been.</summary>
    protected abstract Task OnListeningAsync(CancellationToken ct);

    /// <summary>Something was told.</summary>
    protected abstract Task OnHeardAsync(string what, CancellationToken ct);

    /// <summary>All that was told until now has been heard.</summary>
    protected virtual void OnAlive()
    {
    }

    /// <summary>What is told is not heard until <see cref="OnListeningAsync"/> says so again.</summary>
    protected virtual void OnLost()
    {
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            listening = false;
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                OnLost();
                NotListening(logger, failure, channel);
                if (!listening)
                {
                    await Task.Delay(pause, clock, stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var session = await KeptSession.OpenAsync(dataSource, ct);
        var connection = session.Connection;
        var heard = new Queue<string>();
        connection.Notification += (_, told) => heard.Enqueue(told.Payload);
        await using (var listen = new NpgsqlCommand($"listen {channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        listening = true;
        await OnListeningAsync(ct);
        await using var ping = new NpgsqlCommand("select 1", connection) { CommandTimeout = SecondsToAnswer };
        while (true)
        {
            if (!await connection.WaitAsync(pause, ct))
            {
                await ping.ExecuteScalarAsync(ct);
            }

            while (heard.TryDequeue(out var what))
            {
                await OnHeardAsync(what, ct);
            }

            OnAlive();
        }
    }

    [LoggerMessage(LogLevel.Warning, "What other servers tell on {Channel} cannot be heard at the moment; trying again.")]
    private static partial void NotListening(ILogger logger, Exception failure, string channel);
}
