using Modular.Host.Experiments;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Web;

namespace Modular.Host.Plugins;

/// <summary>The routes of modules, mapped where no request reaches them.</summary>
internal static class PluginRoutes
{
    /// <summary>The module's routes as they are at this moment.</summary>
    internal static RouteEndpoint[] Of(IModule module, IServiceProvider services)
    {
        var unseen = new UnseenRoutes(services);
        unseen.MapModule(module, services);
        return [.. unseen.DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()];
    }

    /// <summary>Serves a plug-in's routes: those that its trial saw, as its code is run anew and could map others.</summary>
    /// <exception cref="PluginRefusedException">They are others, or cannot be mapped.</exception>
    internal static void Map(this IEndpointRouteBuilder app, Plugin plugin, IReadOnlyList<RouteEndpoint> tried, TimeSpan patience)
    {
        var routes = PluginFailure.Try("its routes cannot be mapped", patience, () => Of(plugin.Module, app.ServiceProvider));
        var (now, then) = (routes.Select(Describe).ToHashSet(StringComparer.Ordinal), tried.Select(Describe).ToHashSet(StringComparer.Ordinal));
        if (now.Except(then).Concat(then.Except(now)).FirstOrDefault() is { } other)
        {
            throw new PluginRefusedException($"its routes at the start are not those of its trial: {other}");
        }

        // As a list that stays: a source of the plug-in's own could grow later.
        app.DataSources.Add(new DefaultEndpointDataSource(routes));
    }

    /// <summary>The operation's name, which clients and descriptions tell it by.</summary>
    internal static string? NameOf(RouteEndpoint route) => route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;

    /// <summary>All of a route that decides which requests it takes, and from which callers.</summary>
    private static string Describe(RouteEndpoint route)
    {
        var methods = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>();
        var access = route.Metadata.GetMetadata<RouteAccess>();
        return $"{string.Join(',', methods)} {route.RoutePattern.RawText} {NameOf(route)} {access?.Kind} {access?.AtEdge} {access?.Otherwise} {access?.OneOnOwn} "
            + $"{string.Join(',', access?.Permissions ?? [])} {access?.ToSee} {route.Order} {route.Metadata.GetMetadata<MaxBodyBytes>()?.Bytes}";
    }

    private sealed class UnseenRoutes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
