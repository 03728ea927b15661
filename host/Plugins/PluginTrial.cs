using Microsoft.AspNetCore.Routing.Patterns;
using Modular.Host.Server.Limits;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Web;

namespace Modular.Host.Plugins;

/// <summary>
/// Puts a server together that serves nothing, with a plug-in more than the last one had: its services must fit into the container, its
/// settings be readable and its routes be its own. Only a plug-in that has passed is added to the server that runs.
/// </summary>
internal sealed class PluginTrial(IServiceCollection server, IConfiguration configuration, IReadOnlyList<IModule> catalog, TimeSpan patience)
{
    private readonly List<IModule> modules = [.. catalog];
    private IReadOnlyList<RouteEndpoint>? taken;

    /// <summary>Adds the plug-in to the server's services.</summary>
    /// <returns>Its routes, as it maps them.</returns>
    /// <exception cref="PluginRefusedException">It fails, and nothing has been added.</exception>
    internal IReadOnlyList<RouteEndpoint> Add(Plugin plugin)
    {
        taken ??= RoutesOfCatalog();
        PluginFailure.Try("what it says of itself cannot be read", patience, () => PluginClaims.Check(plugin, modules));
        var added = Register(plugin);
        var services = PluginFailure.Try("its services do not fit together", patience, () => Container(server.Concat(added)));
        PluginFailure.Try("its services do not fit together", patience, () => CheckServices(plugin, added, services));
        var routes = PluginFailure.Try("its routes cannot be mapped", patience, () => PluginRoutes.Of(plugin.Module, services));
        PluginFailure.Try("its routes cannot be mapped", patience, () => CheckRoutes(plugin, routes, services));
        PluginFailure.Try("its services cannot be let go", patience, () => services.DisposeAsync().AsTask().GetAwaiter().GetResult());

        foreach (var descriptor in added)
        {
            server.Add(descriptor);
        }

        modules.Add(plugin.Module);
        taken = [.. taken, .. routes];
        return routes;
    }

    /// <summary>What the plug-in adds to the services. It may not take away or replace what is there, nor add what is not its to add.</summary>
    private List<ServiceDescriptor> Register(Plugin plugin)
    {
        var together = Copy(server);
        PluginFailure.Try("its services cannot be registered", patience, () => together.AddModule(plugin.Entry));
        if (!together.Take(server.Count).SequenceEqual(server))
        {
            throw new PluginRefusedException("it takes away or replaces services of the server");
        }

        List<ServiceDescriptor> added = [.. together.Skip(server.Count)];
        PluginAdmission.Check(plugin, added);
        return [.. added.Select(descriptor => PluginGuard.Around(plugin, descriptor, patience))];
    }

    private static void CheckServices(Plugin plugin, List<ServiceDescriptor> added, ServiceProvider services)
    {
        foreach (var context in Instances<ModuleContext>(added).Where(context => !PluginLoadContext.Owns(context.Type)))
        {
            throw new PluginRefusedException($"it registers the context {context.Type.Name}, which is not its own");
        }

        foreach (var context in Instances<ModuleContext>(added).Where(context => context.Schema != plugin.Module.Schema))
        {
            throw new PluginRefusedException($"its {context.Type.Name} is for the schema '{context.Schema}', and its own is '{plugin.Module.Schema}'");
        }

        foreach (var offering in Instances<McpOffering>(added))
        {
            if (offering.FeatureFlag != plugin.Module.FeatureFlag)
            {
                throw new PluginRefusedException($"what it offers to agents is behind the flag '{offering.FeatureFlag}', and its own is '{plugin.Module.FeatureFlag}'");
            }

            var names = services.GetServices<McpOffering>().SelectMany(any => any.Tools).Select(tool => tool.ProtocolTool.Name).ToList();
            if (offering.Tools.FirstOrDefault(tool => names.Count(name => name == tool.ProtocolTool.Name) > 1) is { } twin)
            {
                throw new PluginRefusedException($"the tool '{twin.ProtocolTool.Name}' that it offers to agents exists already");
            }
        }

        var constraints = services.GetServices<ConstraintError>().CountBy(constraint => constraint.Constraint).FirstOrDefault(twin => twin.Value > 1).Key;
        if (constraints is not null)
        {
            throw new PluginRefusedException($"the constraint '{constraints}' that it explains is explained already");
        }

        var settings = services.GetRequiredService<SettingsInForce>();
        var before = settings.All.Select(setting => setting.Key).ToHashSet(StringComparer.Ordinal);
        CheckSettings(() =>
        {
            foreach (var check in Instances<SettingsCheck>(added))
            {
                check.Run(services);
            }
        });
        if (settings.All.FirstOrDefault(setting => !before.Contains(setting.Key) && !setting.Key.StartsWith(plugin.Name + ":", StringComparison.OrdinalIgnoreCase)) is { } foreign)
        {
            throw new PluginRefusedException($"it reads the setting {foreign.Key}; its own begin with {plugin.Name}:");
        }
    }

    private void CheckRoutes(Plugin plugin, IReadOnlyList<RouteEndpoint> routes, ServiceProvider services)
    {
        RoutePattern[] patterns = [.. plugin.Module.RoutePatterns.Select(pattern => RoutePatternFactory.Parse(pattern))];
        foreach (var route in routes)
        {
            if (!patterns.Any(pattern => pattern.Covers(route.RoutePattern)))
            {
                throw new PluginRefusedException($"its route {route.RoutePattern.RawText} is below none of its route patterns, which lie below /api/experimental");
            }

            if (route.Metadata.GetMetadata<RouteAccess>() is null)
            {
                throw new PluginRefusedException($"its route {route.RoutePattern.RawText} does not say who may call it");
            }

            if (PluginRoutes.NameOf(route) is { } name
                && (taken!.Any(other => PluginRoutes.NameOf(other) == name) || routes.Count(twin => PluginRoutes.NameOf(twin) == name) > 1))
            {
                throw new PluginRefusedException($"the operation '{name}' of its route {route.RoutePattern.RawText} exists already");
            }
        }

        if (patterns.Select(pattern => taken!.FirstOrDefault(other => pattern.Overlaps(other.RoutePattern))).FirstOrDefault(other => other is not null) is { } clash)
        {
            throw new PluginRefusedException($"its route patterns take the path {clash.RoutePattern.RawText}, which belongs to another module");
        }

        // One that does not exist is found when the first request is routed, whatever its path is.
        var policies = services.GetRequiredService<ParameterPolicyFactory>();
        foreach (var (parameter, policy) in routes.SelectMany(route => route.RoutePattern.Parameters).SelectMany(
            parameter => parameter.ParameterPolicies.Select(policy => (parameter, policy))))
        {
            policies.Create(parameter, policy);
        }

        CheckSettings(() => services.GetRequiredService<RateLimitSettings>().Check(routes));
    }

    private static void CheckSettings(Action check)
    {
        try
        {
            check();
        }
        catch (SettingException wrong)
        {
            throw new PluginRefusedException(wrong.Message.TrimEnd('.'));
        }
    }

    private IReadOnlyList<RouteEndpoint> RoutesOfCatalog()
    {
        using var services = Container(server);
        return [.. modules.SelectMany(module => PluginRoutes.Of(module, services))];
    }

    /// <summary>A container of its own, which does not own the configuration: that goes on being used.</summary>
    private ServiceProvider Container(IEnumerable<ServiceDescriptor> services) => Copy(services)
        .AddSingleton(configuration)
        .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

    private static IServiceCollection Copy(IEnumerable<ServiceDescriptor> services)
    {
        IServiceCollection copy = new ServiceCollection();
        foreach (var service in services)
        {
            copy.Add(service);
        }

        return copy;
    }

    private static IEnumerable<T> Instances<T>(IEnumerable<ServiceDescriptor> services) =>
        services.Where(service => service.ServiceType == typeof(T)).Select(service => service.ImplementationInstance).OfType<T>();
}
