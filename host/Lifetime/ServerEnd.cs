using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace Modular.Host.Lifetime;

/// <summary>
/// The end of a server, which comes in time whatever is in it: plug-ins have code that runs when it stops (workers, services that are let
/// go, what they have registered for the end), and none of that may keep the database or the process alive.
/// </summary>
internal static partial class ServerEnd
{
    /// <summary>For what comes after the requests in flight: workers, and services that are let go.</summary>
    private static readonly TimeSpan afterDrain = TimeSpan.FromSeconds(3);

    /// <summary>Whether the process is the server's, and not that of a test with servers in it.</summary>
    internal static bool IsOwnProcess => Assembly.GetEntryAssembly() == typeof(ServerEnd).Assembly;

    /// <summary>Waits until the operator or a worker of the server wants it to end.</summary>
    internal static async Task ToldToStopAsync(this WebApplication app, CancellationToken stopping)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var byTheOperator = stopping.Register(() => told.TrySetResult());

        // The handle is set before those who have registered are called, one after another; plug-ins are among them.
        var byAWorker = ThreadPool.RegisterWaitForSingleObject(
            app.Lifetime.ApplicationStopping.WaitHandle, (_, _) => told.TrySetResult(), null, Timeout.Infinite, executeOnlyOnce: true);
        await told.Task;
        byAWorker.Unregister(null);
        Stopping(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerEnd)), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    /// <summary>
    /// Lets requests end, then workers, then services. What fails at that, or does not come to an end, keeps neither the database nor the
    /// program from ending. Also for a server that has not started: only a host that has been stopped takes it for no fault of its workers
    /// that they end.
    /// </summary>
    internal static async Task EndAsync(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerEnd));
        var patience = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + afterDrain;
        try
        {
            await Task.Run(async () =>
            {
                await using (app)
                {
                    await app.StopAsync();
                }
            }).WaitAsync(patience);
        }
        catch (Exception failure)
        {
            NotStopped(logger, failure);
        }
    }

    /// <summary>
    /// Ends the process, if it is the server's own, whatever threads are left in it and whatever they have registered for its end.
    /// </summary>
    internal static int Leave(int exitCode)
    {
        if (IsOwnProcess)
        {
            new Thread(() =>
            {
                Thread.Sleep(afterDrain);
                using var self = Process.GetCurrentProcess();
                self.Kill();
            })
            {
                IsBackground = true,
            }.Start();
            Environment.Exit(exitCode);
        }

        return exitCode;
    }

    /// <summary>
    /// In place of the framework's own, which answers a signal by running all that is registered for the end, on the thread that hears of
    /// signals, and may not come back from that. <see cref="StopSignals"/> hears them.
    /// </summary>
    internal sealed class NoOtherEnd : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Information, "Stopping: no new requests are taken; those in flight have {Longest} to end.")]
    private static partial void Stopping(ILogger logger, TimeSpan longest);

    [LoggerMessage(LogLevel.Warning, "Something did not stop as it should; the server ends without it.")]
    private static partial void NotStopped(ILogger logger, Exception failure);
}
