using Modular.SharedKernel.Events;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;

namespace Modular.Host.Plugins;

/// <summary>
/// What a plug-in's entry class has said of itself, kept from the moment it was asked. The server never asks the class again: what it is
/// tried by is what it runs with.
/// </summary>
internal sealed class PluginModule(IExperimentalModule entry) : IExperimentalModule
{
    public string Name { get; } = entry.Name;

    public string Schema { get; } = entry.Schema;

    public string FeatureFlag { get; } = entry.FeatureFlag;

    public string Title { get; } = PluginFailure.Line(entry.Title);

    public string Description { get; } = PluginFailure.Line(entry.Description);

    public ExperimentStage Stage { get; } = entry.Stage;

    public bool IsSafe { get; } = entry.IsSafe;

    public DateTimeOffset? DeclaredUntil { get; } = entry.DeclaredUntil;

    public IReadOnlyList<string> RoutePatterns { get; } = [.. entry.RoutePatterns];

    public IReadOnlyList<Grant> Grants { get; } = [.. entry.Grants.Select(grant => grant with { Permissions = [.. grant.Permissions] })];

    public IReadOnlyList<Scope> Scopes { get; } = [.. entry.Scopes.Select(scope => scope with { Permissions = [.. scope.Permissions] })];

    public IReadOnlyDictionary<string, string> PathParameters { get; } =
        entry.PathParameters.ToDictionary(parameter => parameter.Key, parameter => PluginFailure.Line(parameter.Value));

    public IReadOnlyList<AuditedResource> AuditedResources { get; } =
        [.. entry.AuditedResources.Select(resource => resource with { Phrase = resource.Phrase is { } phrase ? PluginFailure.Line(phrase) : null })];

    /// <summary>Its services have been registered already, by the trial.</summary>
    public void AddServices(IServiceCollection services)
    {
    }
}
