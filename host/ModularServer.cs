using Microsoft.Extensions.Options;
using Modular.Host.Database;
using Modular.Host.Experiments;
using Modular.Host.Plugins;
using Modular.Host.Protection;
using Modular.SharedKernel.Modules;

namespace Modular.Host;

/// <summary>Puts a server together from its modules, and runs it on its database.</summary>
internal static partial class ModularServer
{
    /// <summary>What workers have to end in, once no request needs them.</summary>
    private static readonly TimeSpan timeOfWorkers = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Serves with the plug-ins that are installed, until it is told to stop. Those that fail when it starts are left off, and it starts
    /// again without them.
    /// </summary>
    internal static async Task RunAsync(string[] args, IReadOnlyList<IModule> modules, CancellationToken stopping)
    {
        var plugins = new PluginSet();
        while (true)
        {
            var started = CancellationToken.None;
            try
            {
                // On another thread: plug-ins are tried here and may forget to come back. Nothing else has been started yet.
                var app = await Task.Run(() => Build(args, modules, plugins), stopping).WaitAsync(stopping);
                started = app.Lifetime.ApplicationStarted;
                await app.ServeAsync(stopping);
                return;
            }
            catch (Exception failure) when (
                !started.IsCancellationRequested && !stopping.IsCancellationRequested && plugins.ReasonsOf(failure) is { Count: > 0 } reasons)
            {
                plugins.LeaveOff(reasons);
            }
        }
    }

    internal static WebApplication Build(string[] args, IReadOnlyList<IModule> modules, PluginSet? plugins = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddModularSources();
        builder.AddModularHost();
        builder.AddModularDatabase();
        builder.Services.AddModules(builder.Configuration, modules);
        plugins?.AddTo(builder.Services, builder.Configuration, modules);

        var app = builder.Build();
        app.CheckSettings();
        app.UseModularPipeline();
        app.MapModules();
        return app;
    }

    /// <summary>What must hold before the first request, once the database is there.</summary>
    /// <exception cref="StartupException">The database, or what is in it, cannot be used.</exception>
    internal static async Task PrepareAsync(this IServiceProvider services, CancellationToken ct)
    {
        await SchemaMigrations.RunAsync(services, ct);
        services.CheckProtectionKeys();
        await services.GetRequiredService<FeatureStore>().LoadAsync(ct);
    }

    /// <summary>Serves until it is told to stop; the database is there before the first request and goes after the last.</summary>
    internal static async Task ServeAsync(this WebApplication app, CancellationToken stopping)
    {
        var database = app.Services.GetRequiredService<ModularDatabase>();
        try
        {
            await database.StartAsync(stopping);
            await app.Services.PrepareAsync(stopping);
            app.AnnounceWhenStarted();
            await app.StartAsync(stopping).WaitAsync(stopping);
            await app.ToldToStopAsync(stopping);
        }
        finally
        {
            await app.EndAsync();
            await database.StopAsync();
        }
    }

    private static async Task ToldToStopAsync(this WebApplication app, CancellationToken stopping)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var byTheOperator = stopping.Register(() => told.TrySetResult());
        await using var byAWorker = app.Lifetime.ApplicationStopping.Register(() => told.TrySetResult());
        await told.Task;
    }

    /// <summary>
    /// Lets requests end, then workers. What fails at that, or does not come to an end, keeps neither the database nor the program from
    /// ending. Also for a server that has not started: only a host that has been stopped takes it for no fault of its workers that they end.
    /// </summary>
    private static async Task EndAsync(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILogger<ModularDatabase>>();
        var patience = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + timeOfWorkers;
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

    [LoggerMessage(LogLevel.Warning, "Something did not stop as it should; the server ends without it.")]
    private static partial void NotStopped(ILogger logger, Exception failure);
}
