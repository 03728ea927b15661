using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Modular.SharedKernel.Modules;

/// <summary>Work that a module does when the server has started, and again and again after an interval. A failure is logged and tried anew.</summary>
public abstract partial class PeriodicWorker(TimeSpan interval, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger logger) : BackgroundService
{
    /// <summary>Does the work once.</summary>
    protected abstract Task WorkAsync(CancellationToken ct);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        var started = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        do
        {
            try
            {
                await WorkAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                NotDone(logger, failure, GetType().Name, interval);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "The work of {Worker} could not be done; trying again in {Interval}.")]
    private static partial void NotDone(ILogger logger, Exception failure, string worker, TimeSpan interval);
}
