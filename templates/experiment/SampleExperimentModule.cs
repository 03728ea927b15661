using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Security;
using SampleExperiment.Persistence;

namespace SampleExperiment;

/// <summary>What the server is told of the experiment. Routes, handlers, validators and reactions it finds by itself.</summary>
public sealed class SampleExperimentModule : IExperimentalModule
{
    /// <summary>The same as the folder's and the assembly's.</summary>
    public string Name => "SampleExperiment";

    public string Schema => SampleExperimentDbContext.SchemaName;

    public string FeatureFlag => "sample-experiment";

    public string Title => "SampleExperiment";

    public string Description => "Lets every user keep entries below /api/experimental/users/{user}/sample-experiment.";

    /// <summary>All its routes lie below these.</summary>
    public IReadOnlyList<string> RoutePatterns => ["/api/experimental/users/{user}/sample-experiment/{**rest}"];

    /// <summary>Everybody has the own entries; owners read those of others.</summary>
    public IReadOnlyList<Grant> Grants =>
    [
        new(SiteRole.Member, Reach.Own, EntryPermissions.Create, EntryPermissions.Read),
        new(SiteRole.Owner, Reach.Any, EntryPermissions.Read),
    ];

    /// <summary>What a token can be narrowed to.</summary>
    public IReadOnlyList<Scope> Scopes => [.. Scope.Of(EntryPermissions.Create, EntryPermissions.Read)];

    public IReadOnlyList<AuditedResource> AuditedResources => [new(EntryPermissions.Resource)];

    public void AddServices(IServiceCollection services) =>
        services.AddModuleDbContext<SampleExperimentDbContext>(Schema);
}

internal static class EntryPermissions
{
    internal const string Resource = "sample_experiment_entry";

    internal static readonly Permission Create = new(Resource, "create");
    internal static readonly Permission Read = new(Resource, "read");
}
