using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Settings;

namespace Modular.Host.Plugins;

/// <summary>Stands between the server and what a plug-in has registered, where the server runs it at the start.</summary>
internal static class PluginGuard
{
    /// <summary>The descriptor that the server gets in place of the plug-in's.</summary>
    internal static ServiceDescriptor Around(Plugin plugin, ServiceDescriptor service, TimeSpan patience) => service switch
    {
        { IsKeyedService: true } => service,
        { ServiceType: var type } when type == typeof(IModule) => ServiceDescriptor.Singleton<IModule>(plugin.Module),
        { ServiceType: var type } when type == typeof(IHostedService) => PluginWorker.Around(plugin.Name, service, patience),
        { ImplementationInstance: SettingsCheck check } => ServiceDescriptor.Singleton(Around(plugin, check, patience)),
        _ => service,
    };

    /// <summary>A setting that could be read in the trial and cannot any more is the plug-in's fault, not the operator's.</summary>
    private static SettingsCheck Around(Plugin plugin, SettingsCheck check, TimeSpan patience) => new(services =>
    {
        try
        {
            PluginFailure.Try("its settings cannot be read", patience, () => check.Run(services));
        }
        catch (PluginRefusedException refused)
        {
            throw new PluginFailedException(plugin.Name, refused.Message);
        }
    });
}
