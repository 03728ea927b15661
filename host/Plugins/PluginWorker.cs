namespace Modular.Host.Plugins;

/// <summary>
/// Stands between the server and a worker of a plug-in. One that fails to start makes the server start again without the plug-in; one
/// that fails later ends, and the server goes on.
/// </summary>
internal sealed partial class PluginWorker(string plugin, Func<IHostedService> make, ILogger<PluginWorker> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(15);

    /// <summary>Background work that fails at once counts as failing to start. The framework does not wait for it at all.</summary>
    private static readonly TimeSpan trialOfWork = TimeSpan.FromMilliseconds(300);

    private IHostedService? worker;

    /// <summary>Puts itself before a worker; other services stay as they are.</summary>
    internal static ServiceDescriptor Guard(string plugin, ServiceDescriptor service) =>
        service.ServiceType != typeof(IHostedService) || service.IsKeyedService
            ? service
            : ServiceDescriptor.Singleton<IHostedService>(provider => new PluginWorker(
                plugin,
                () => (IHostedService)(service.ImplementationInstance
                    ?? service.ImplementationFactory?.Invoke(provider)
                    ?? ActivatorUtilities.CreateInstance(provider, service.ImplementationType!)),
                provider.GetRequiredService<ILogger<PluginWorker>>()));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            // On another thread: it may block, or forget to come back.
            await Task.Run(
                    async () =>
                    {
                        worker = make();
                        await worker.StartAsync(cancellationToken);
                    },
                    cancellationToken)
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
            throw new PluginFailedException(plugin, $"{worker?.GetType().Name ?? "a worker"} fails to start: {PluginFailure.Reason(failure)}");
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (worker?.StopAsync(cancellationToken) ?? Task.CompletedTask);
        }
        catch (Exception failure)
        {
            NotStopped(failure, plugin, worker!.GetType().Name);
        }
    }

    public void Dispose() => (worker as IDisposable)?.Dispose();

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
            Ended(failure, plugin, worker!.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Worker} of the plug-in {Plugin} has failed and does no more work until the server starts again.")]
    private partial void Ended(Exception failure, string plugin, string worker);

    [LoggerMessage(LogLevel.Warning, "{Worker} of the plug-in {Plugin} did not stop as it should.")]
    private partial void NotStopped(Exception failure, string plugin, string worker);
}
