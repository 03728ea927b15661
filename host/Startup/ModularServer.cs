using System.Globalization;
using Modular.Host.Experiments;
using Modular.Host.Files;
using Modular.Host.Lifetime;
using Modular.Host.Persistence;
using Modular.Host.Plugins;
using Modular.Host.Protection;
using Modular.SharedKernel.Modules;

namespace Modular.Host.Startup;

/// <summary>Puts a server together from its modules, and runs it on its database.</summary>
internal static class ModularServer
{
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
        // Nothing that is compared, sorted or written here depends on the machine's language.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddModularSources();
        builder.AddModularHost();
        builder.AddModularDatabase();
        builder.Services.AddModules(modules);
        plugins?.AddTo(builder.Services, builder.Configuration, modules);

        var app = builder.Build();
        StrayFailures.LogTo(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StrayFailures)));
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
            DataFolderFiles.Check(ModularDatabase.DataFolderOf(app.Configuration));
            await database.StartAsync(stopping);
            await app.Services.PrepareAsync(stopping);
            app.AnnounceWhenStarted();

            // On another thread: a plug-in's worker may not come back from its start. What is started hears of the end from the application:
            // among those who wait for the signal itself, one that does not come back would keep it from all the others.
            await Task.Run(() => app.StartAsync(CancellationToken.None), stopping).WaitAsync(stopping);
            await app.ToldToStopAsync(stopping);
        }
        finally
        {
            await app.EndAsync();
            await database.StopAsync();
        }
    }
}
