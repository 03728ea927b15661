namespace Modular.Host.Plugins;

/// <summary>
/// Stands between the server and a worker of a plug-in. One that fails to start makes the server start again without the plug-in; one
/// that fails later ends, and the server goes on; one that does not stop is left behind.
/// </summary>
internal sealed partial class PluginWorker(string plugin, Func<IHostedService> make, TimeSpan patience, ILogger<PluginWorker> logger)
    : IHostedService, IAsyncDisposable, IDisposable
{
    /// <summary>Background work that fails at once counts as failing to start. The framework does not wait for it at all.</summary>
    private static readonly TimeSpan trialOfWork = TimeSpan.FromMilliseconds(300);

    /// <summary>What stopping, and letting go, may take of the time that the server has for its end.</summary>
    private static readonly TimeSpan timeToStop = TimeSpan.FromSeconds(2);

    private IHostedService? worker;
    private bool isStuck;

    /// <summary>Puts itself before a worker.</summary>
    internal static ServiceDescriptor Around(string plugin, ServiceDescriptor service, TimeSpan patience) =>
        ServiceDescriptor.Singleton<IHostedService>(provider => new PluginWorker(
            plugin,
            () => (IHostedService)(service.ImplementationInstance
                ?? service.ImplementationFactory?.Invoke(provider)
                ?? ActivatorUtilities.CreateInstance(provider, service.ImplementationType!)),
            patience,
            provider.GetRequiredService<ILogger<PluginWorker>>()));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            // On another thread: it may block, or forget to come back.
            await OnItsOwnThread(async () =>
                {
                    worker = make();
                    await worker.StartAsync(cancellationToken);
                })
                .WaitAsync(patience, cancellationToken);
            if (worker is BackgroundService { ExecuteTask: { } work })
            {
                await Task.WhenAny(work, Task.Delay(trialOfWork, cancellationToken));
                if (work.IsFaulted)
                {
                    await work;
                }

                _ = WatchAsync(work);
            }
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PluginFailedException(plugin, $"{Name} fails to start: {PluginFailure.Reason(failure)}");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => EndAsync(() => worker?.StopAsync(cancellationToken) ?? Task.CompletedTask, cancellationToken);

    public ValueTask DisposeAsync() => new(EndAsync(
        async () =>
        {
            switch (worker)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        },
        CancellationToken.None));

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private string Name => worker?.GetType().Name ?? "a worker";

    /// <summary>A thread of the pool would be missed there if it never came back.</summary>
    private static Task OnItsOwnThread(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <summary>Waits for an end of the worker's, but not for long, and not again for one that did not come.</summary>
    private async Task EndAsync(Func<Task> end, CancellationToken ct)
    {
        if (worker is null || isStuck)
        {
            return;
        }

        try
        {
            await OnItsOwnThread(end).WaitAsync(timeToStop, ct);
        }
        catch (Exception failure)
        {
            isStuck = failure is TimeoutException or OperationCanceledException;
            NotStopped(PluginFailure.Loggable(failure), plugin, Name);
        }
    }

    private async Task WatchAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
        catch (Exception failure)
        {
            Ended(PluginFailure.Loggable(failure), plugin, Name);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Worker} of the plug-in {Plugin} has failed and does no more work until the server starts again.")]
    private partial void Ended(Exception failure, string plugin, string worker);

    [LoggerMessage(LogLevel.Warning, "{Worker} of the plug-in {Plugin} did not stop as it should.")]
    private partial void NotStopped(Exception failure, string plugin, string worker);
}
