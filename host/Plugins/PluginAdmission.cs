using Carter;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Settings;

namespace Modular.Host.Plugins;

/// <summary>
/// What a plug-in may add to the server's services: types of its own, whatever is about a type of its own, and the places that the
/// server has for plug-ins. Everything else would change how the server treats what is not the plug-in's (another answer to who is
/// calling, a behaviour around every command, options of the web server), so it is not admitted, known or unknown.
/// </summary>
internal static class PluginAdmission
{
    /// <summary>Places that are filled with a ready object, which the trial looks at and which cannot become another one later.</summary>
    private static readonly Type[] ready = [typeof(ModuleContext), typeof(SettingsCheck), typeof(McpOffering), typeof(ConstraintError)];

    /// <exception cref="PluginRefusedException">Something among the services is not admitted.</exception>
    internal static void Check(Plugin plugin, IEnumerable<ServiceDescriptor> added)
    {
        foreach (var service in added.Where(service => !IsAdmitted(plugin, service)))
        {
            throw new PluginRefusedException(
                $"it registers {NameOf(service)}; a plug-in registers types of its own, settings, a context, workers, tools for agents and reactions to events of the Contracts");
        }
    }

    private static bool IsAdmitted(Plugin plugin, ServiceDescriptor service)
    {
        var type = service.ServiceType;
        return IsAboutOwn(type)
            || (service.IsKeyedService
                ? type == typeof(ICarterModule) && plugin.Name.Equals(service.ServiceKey) && IsOwn(service.KeyedImplementationType)
                : type == typeof(IModule) ? ReferenceEquals(service.ImplementationInstance, plugin.Entry)
                : type == typeof(IHostedService) || type == typeof(DbContextOptions) // The latter comes with every context, and nothing asks for it.
                || (ready.Contains(type) && service.ImplementationInstance is not null)
                || IsReaction(type));
    }

    /// <summary>A type of the plug-in, or a generic service that is for such a type and no other: its command's handler, its options.</summary>
    private static bool IsAboutOwn(Type type) => IsOwn(type) || (type.IsConstructedGenericType && IsAboutOwn(type.GenericTypeArguments[0]));

    private static bool IsOwn(Type? type) => type is not null && PluginLoadContext.Owns(type);

    private static bool IsReaction(Type type) => type.IsConstructedGenericType
        && (type.GetGenericTypeDefinition() == typeof(INotificationHandler<>) || type.GetGenericTypeDefinition() == typeof(IReactionPreparation<>))
        && type.GenericTypeArguments[0].IsAssignableTo(typeof(IntegrationEvent))
        && PluginLoadContext.IsContract(type.GenericTypeArguments[0].Assembly.GetName().Name!)
        && type.GenericTypeArguments[0].IsSealed;

    private static string NameOf(ServiceDescriptor service)
    {
        var made = service.IsKeyedService
            ? service.KeyedImplementationType ?? service.KeyedImplementationInstance?.GetType()
            : service.ImplementationType ?? service.ImplementationInstance?.GetType();
        return made is null || made == service.ServiceType ? NameOf(service.ServiceType) : $"{NameOf(service.ServiceType)} ({NameOf(made)})";
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(argument => argument.IsGenericParameter ? "" : NameOf(argument)))}>"
        : type.Name;
}
