using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace Modular.Host;

/// <summary>
/// The end of a server, which comes in time whatever is in it: plug-ins have code that runs when it stops (workers, services that are let
/// go, what they have registered for the end), and none of that may keep the database or the process alive.
/// </summary>
internal sealed partial class ServerEnd : IAsyncDisposable
{
    /// <summary>For what comes after the requests in flight: workers, and services that are let go.</summary>
    private static readonly TimeSpan afterDrain = TimeSpan.FromSeconds(2);

    private readonly WebApplication app;
    private readonly TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] signals;
    private readonly CancellationTokenRegistration stopping;

    internal ServerEnd(WebApplication app)
    {
        this.app = app;
        stopping = app.Lifetime.ApplicationStopping.Register(() => told.TrySetResult());
        signals = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    /// <summary>Whether the process is the server's, and not that of a test with servers in it.</summary>
    internal static bool IsOwnProcess => Assembly.GetEntryAssembly() == typeof(ServerEnd).Assembly;

    internal bool IsTold => told.Task.IsCompleted;

    /// <summary>Starts the server; one that is told to stop meanwhile, and does not come back from its start, is left in it.</summary>
    internal async Task StartAsync()
    {
        var start = Task.Run(() => app.StartAsync());
        await Task.WhenAny(start, told.Task);
        try
        {
            await start.WaitAsync(IsTold ? afterDrain : Timeout.InfiniteTimeSpan);
        }
        catch (TimeoutException) when (!start.IsCompleted)
        {
            // Its end comes all the same.
        }
    }

    /// <summary>Waits until the server is told to stop.</summary>
    internal Task ToldAsync() => told.Task;

    /// <summary>Stops the server and lets its services go, or leaves them when that takes too long.</summary>
    internal async Task ComeAsync()
    {
        var longest = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + afterDrain;
        var logger = app.Services.GetRequiredService<ILogger<ServerEnd>>();
        try
        {
            // Only a host that has been stopped takes it for no fault of its workers that they end.
            await Task.Run(async () =>
            {
                await app.StopAsync();
                await app.DisposeAsync();
            }).WaitAsync(longest);
        }
        catch (TimeoutException)
        {
            NotEnded(logger, longest);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var signal in signals)
        {
            signal.Dispose();
        }

        await stopping.DisposeAsync();
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

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true; // The process ends when the server has.
        told.TrySetResult();
    }

    /// <summary>
    /// In place of the framework's own, which answers a signal by running all that is registered for the end, on the thread that hears of
    /// signals, and may not come back from that.
    /// </summary>
    internal sealed class NoOtherEnd : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "Something in the server did not end within {Longest}, and is left behind.")]
    private static partial void NotEnded(ILogger logger, TimeSpan longest);
}
