using Microsoft.AspNetCore.Routing.Patterns;
using Modular.Host.RateLimits;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Web;

namespace Modular.Host.Plugins;

/// <summary>
/// Puts a server together that nobody sees, with a plug-in more than the last one had: its services must fit into the container, its
/// settings be readable and its routes be its own. Only a plug-in that has passed is added to the server that runs.
/// </summary>
internal sealed class PluginTrial(IServiceCollection server, IConfiguration configuration, IReadOnlyList<IModule> catalog)
{
    private readonly List<IModule> modules = [.. catalog];
    private IReadOnlyList<RouteEndpoint>? taken;

    /// <summary>Adds the plug-in to the server's services.</summary>
    /// <exception cref="PluginRefusedException">It fails, and nothing has been added.</exception>
    internal void Add(Plugin plugin)
    {
        taken ??= Routes(server, modules);
        PluginFailure.Try("what it says of itself cannot be read", () =>
        {
            PluginClaims.Check(plugin, modules);
            return true;
        });
        var added = Register(plugin);
        var services = Container(server.Concat(added));
        PluginFailure.Try("its services do not fit together", () =>
        {
            CheckServices(plugin, added, services);
            return true;
        });
        var routes = PluginFailure.Try("its routes cannot be mapped", () => Routes(services, [plugin.Module]));
        CheckRoutes(plugin, routes, services);
        PluginFailure.Try("its services cannot be let go", () =>
        {
            services.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return true;
        });

        foreach (var descriptor in added)
        {
            server.Add(descriptor);
        }

        modules.Add(plugin.Module);
        taken = [.. taken, .. routes];
    }

    /// <summary>What the plug-in adds to the services. It may not take away or replace what is there.</summary>
    private List<ServiceDescriptor> Register(Plugin plugin)
    {
        var together = Copy(server);
        PluginFailure.Try("its services cannot be registered", () => together.AddModule(configuration, plugin.Module));
        if (!together.Take(server.Count).SequenceEqual(server))
        {
            throw new PluginRefusedException("it takes away or replaces services of the server");
        }

        if (together.Skip(server.Count).Any(descriptor => descriptor.ServiceType == typeof(IStartupFilter)))
        {
            throw new PluginRefusedException($"it registers an {nameof(IStartupFilter)}, which would see every request, and its own alone are its own");
        }

        return [.. together.Skip(server.Count).Select(descriptor => PluginWorker.Guard(plugin.Name, descriptor))];
    }

    private static void CheckServices(Plugin plugin, List<ServiceDescriptor> added, ServiceProvider services)
    {
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

        CheckSettings(() =>
        {
            foreach (var check in Instances<SettingsCheck>(added))
            {
                check.Run(services);
            }
        });
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

            if (NameOf(route) is { } name && (taken!.Any(other => NameOf(other) == name) || routes.Count(twin => NameOf(twin) == name) > 1))
            {
                throw new PluginRefusedException($"the operation '{name}' of its route {route.RoutePattern.RawText} exists already");
            }
        }

        if (patterns.Select(pattern => taken!.FirstOrDefault(other => pattern.Overlaps(other.RoutePattern))).FirstOrDefault(other => other is not null) is { } clash)
        {
            throw new PluginRefusedException($"its route patterns take the path {clash.RoutePattern.RawText}, which is somebody else's");
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

    private IReadOnlyList<RouteEndpoint> Routes(IServiceCollection from, IReadOnlyList<IModule> of)
    {
        using var services = Container(from);
        return Routes(services, of);
    }

    private static IReadOnlyList<RouteEndpoint> Routes(ServiceProvider services, IReadOnlyList<IModule> of)
    {
        var routes = new UnseenRoutes(services);
        foreach (var module in of)
        {
            routes.MapModule(module, services);
        }

        return [.. routes.DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()];
    }

    /// <summary>A container of its own, which does not own the configuration: that goes on being used.</summary>
    private ServiceProvider Container(IEnumerable<ServiceDescriptor> services) => PluginFailure.Try(
        "its services do not fit together",
        () => Copy(services)
            .AddSingleton(configuration)
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }));

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

    private static string? NameOf(RouteEndpoint route) => route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;

    private sealed class UnseenRoutes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
