using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Web;

namespace Modular.Host.Experiments;

/// <summary>Puts the routes of modules where they are served, marked where they are an experiment's.</summary>
internal static class ModuleRoutes
{
    /// <summary>Maps a module's routes under its name.</summary>
    internal static void MapModule(this IEndpointRouteBuilder app, IModule module, IServiceProvider services)
    {
        var routes = app.MapGroup("").WithTags(module.Name);
        if (module is IExperimentalModule experiment)
        {
            routes.WithMetadata(new RouteOfExperiment(experiment.FeatureFlag));
        }

        foreach (var slice in services.GetKeyedServices<Carter.ICarterModule>(module.Name))
        {
            slice.AddRoutes(routes);
        }
    }

    /// <summary>A route that does not say who may call it stops the start.</summary>
    internal static void RefuseOpenDoors(this IEndpointRouteBuilder app)
    {
        var open = app.DataSources
            .SelectMany(source => source.Endpoints)
            .FirstOrDefault(endpoint => endpoint.Metadata.GetMetadata<RouteAccess>() is null);
        if (open is not null)
        {
            throw new InvalidOperationException($"The route '{open.DisplayName}' does not say who may call it.");
        }
    }
}
