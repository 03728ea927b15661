using Microsoft.AspNetCore.Connections;
using Modular.Host.Lifetime;
using Modular.Host.Persistence;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Settings;

namespace Modular.Host.Plugins;

/// <summary>
/// The plug-ins of one start: those that the server runs with, and those that are left off, with the reason. It outlives the servers that
/// are put together until one starts.
/// </summary>
internal sealed partial class PluginSet
{
    internal const string FolderSetting = "Plugins:Folder";

    private readonly Dictionary<string, Plugin> loaded = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> leftOff = new(StringComparer.Ordinal);
    private readonly List<Plugin> running = [];
    private readonly Dictionary<PluginModule, IReadOnlyList<RouteEndpoint>> routes = [];
    private TimeSpan patience;

    /// <summary>Those whose services are in the container.</summary>
    internal IReadOnlyList<Plugin> Running => running;

    /// <summary>Why others are not.</summary>
    internal IReadOnlyDictionary<string, string> LeftOff => leftOff;

    /// <summary>The folder in which each plug-in has one of its own.</summary>
    internal static string FolderOf(IConfiguration configuration) => Path.GetFullPath(
        new SettingsReader(configuration).Text(FolderSetting) ?? Path.Combine(ModularDatabase.DataFolderOf(configuration), "plugins"));

    /// <summary>The plug-ins that lie in the folder. Names that begin with a dot belong to other tools.</summary>
    /// <exception cref="StartupException">The folder cannot be read.</exception>
    internal static IReadOnlyList<DirectoryInfo> Installed(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. new DirectoryInfo(folder).EnumerateDirectories().Where(plugin => plugin.Name[0] != '.').OrderBy(plugin => plugin.Name, StringComparer.Ordinal)]
                : [];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The folder of plug-ins {folder} cannot be read; make it readable, or set Modular:{FolderSetting} to another one.");
        }
    }

    /// <summary>Adds those that pass their trial to the services of a server.</summary>
    internal void AddTo(IServiceCollection services, IConfiguration configuration, IReadOnlyList<IModule> catalog)
    {
        services.AddSingleton(this).AddHostedService<PluginPresence>().AddSettings(PluginSettings.Read);
        patience = PluginSettings.Read(new SettingsReader(configuration)).Patience;
        running.Clear();
        routes.Clear();
        var trial = new PluginTrial(services, configuration, catalog, patience);
        foreach (var folder in Installed(FolderOf(configuration)).Where(folder => !leftOff.ContainsKey(folder.Name)))
        {
            try
            {
                var plugin = loaded.TryGetValue(folder.Name, out var known) ? known : loaded[folder.Name] = Plugin.Load(folder, patience);
                routes[plugin.Module] = trial.Add(plugin);
                running.Add(plugin);
            }
            catch (PluginRefusedException refused)
            {
                leftOff[folder.Name] = refused.Message;
            }
        }
    }

    /// <summary>Maps the routes of those that the server runs with.</summary>
    /// <exception cref="PluginFailedException">Some are not those that the trial saw, or cannot be mapped.</exception>
    internal void Map(IEndpointRouteBuilder app)
    {
        var failed = new Dictionary<string, string>();
        foreach (var plugin in running)
        {
            try
            {
                app.Map(plugin, routes[plugin.Module], patience);
            }
            catch (PluginRefusedException refused)
            {
                failed[plugin.Name] = refused.Message;
            }
        }

        if (failed.Count > 0)
        {
            throw new PluginFailedException(failed);
        }
    }

    /// <summary>
    /// Which plug-ins kept the server from starting. A failure that names no plug-in may be any plug-in's, which then all go; none are to
    /// blame for a setting, an address or a database that is not there.
    /// </summary>
    internal IReadOnlyDictionary<string, string> ReasonsOf(Exception failure) => failure switch
    {
        PluginFailedException failed => failed.Reasons,
        StartupException or SettingException or IOException { InnerException: AddressInUseException } => new Dictionary<string, string>(),
        _ when DatabaseRefusal.IsAway(failure) => new Dictionary<string, string>(),
        _ => running.ToDictionary(plugin => plugin.Name, _ => $"the server does not start with the plug-ins it has: {PluginFailure.Reason(failure)}"),
    };

    /// <summary>The server starts again without them.</summary>
    internal void LeaveOff(IReadOnlyDictionary<string, string> reasons)
    {
        foreach (var (name, reason) in reasons)
        {
            leftOff[name] = reason;
        }
    }

    /// <summary>Says at start what has become of each.</summary>
    internal void Report(ILogger logger)
    {
        if (running.Count > 0)
        {
            PluginsRunning(logger, string.Join(", ", running.Select(plugin => $"{plugin.Name} {plugin.Version}")));
        }

        foreach (var (name, reason) in leftOff)
        {
            PluginLeftOff(logger, PluginFailure.Line(name), reason);
        }
    }

    [LoggerMessage(LogLevel.Information, "Plug-ins: {Plugins}")]
    private static partial void PluginsRunning(ILogger logger, string plugins);

    [LoggerMessage(LogLevel.Warning, "The plug-in {Plugin} is left off: {Reason}.")]
    private static partial void PluginLeftOff(ILogger logger, string plugin, string reason);
}

/// <param name="Folder">Where plug-ins lie; null for the default.</param>
/// <param name="Patience">How long a plug-in has for each step of its trial, and to start and stop a worker.</param>
internal sealed record PluginSettings(string? Folder, TimeSpan Patience)
{
    internal static PluginSettings Read(SettingsReader settings) =>
        new(settings.Text(PluginSet.FolderSetting), settings.Duration("Plugins:Patience", TimeSpan.FromSeconds(15)));
}
