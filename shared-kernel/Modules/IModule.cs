using System.Collections.ObjectModel;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Modules;

/// <summary>
/// The entry class of a module, its only public type. Routes, handlers, validators and reactions are found in its assembly;
/// it says only what cannot be found.
/// </summary>
public interface IModule
{
    /// <summary>The name in the tree, and the tag of its routes in the API description.</summary>
    string Name { get; }

    /// <summary>The database schema that this module alone reads and writes.</summary>
    string Schema { get; }

    /// <summary>Registers what is the module's own: its context, its options, its workers.</summary>
    void AddServices(IServiceCollection services);

    /// <summary>What each role may do to the module's resources.</summary>
    IReadOnlyList<Grant> Grants => [];

    /// <summary>Names that a key may be narrowed to.</summary>
    IReadOnlyList<Scope> Scopes => [];

    /// <summary>What the parameters in the paths of its routes name, by parameter: for the API description, whichever module's path has them.</summary>
    IReadOnlyDictionary<string, string> PathParameters => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Types of resource that the module's audit entries name.</summary>
    IReadOnlyList<AuditedResource> AuditedResources => [];
}

/// <summary>A name that the scopes of a key may hold, and the permissions it stands for.</summary>
/// <param name="Name">As clients write it, such as <c>user:read</c>.</param>
/// <param name="Permissions">What it expands to; the action <c>*</c> is every action on the resource.</param>
public sealed record Scope(string Name, params Permission[] Permissions)
{
    /// <summary>Each permission as a scope of its own, and the wildcard of their resource.</summary>
    /// <param name="permissions">On one type of resource.</param>
    public static IEnumerable<Scope> Of(params Permission[] permissions) =>
        permissions.Append(new Permission(permissions[0].Resource, "*")).Select(permission => new Scope(permission.ToString(), permission));
}

/// <summary>How far an experiment has come. Graduated and retired ones cannot be switched.</summary>
public enum ExperimentStage
{
    /// <summary>May change or go at any time.</summary>
    Experimental,

    /// <summary>Nearly fixed.</summary>
    Preview,

    /// <summary>On for good.</summary>
    Graduated,

    /// <summary>Off for good.</summary>
    Retired,
}

/// <summary>
/// A module behind a switch. While it is off its routes are unknown paths, on or off they are in no public description. Its
/// reactions to events run either way. Nothing refers to it, so it can be deleted in one commit.
/// </summary>
public interface IExperimentalModule : IModule
{
    /// <summary>The switch's name, kebab-case, as operators write it.</summary>
    string FeatureFlag { get; }

    /// <summary>A short name for people.</summary>
    string Title { get; }

    /// <summary>A sentence for the operator who wonders whether to switch it on.</summary>
    string Description { get; }

    /// <summary>How far it has come.</summary>
    ExperimentStage Stage => ExperimentStage.Experimental;

    /// <summary>
    /// Whether it belongs to those that <c>*</c> in the configuration switches on, and that clients are told an operator may switch on. One
    /// that does not is switched by name.
    /// </summary>
    bool IsSafe => true;

    /// <summary>When the experiment should have ended; null when nothing has been declared.</summary>
    DateTimeOffset? DeclaredUntil => null;

    /// <summary>Route patterns that belong to it, in the syntax of routes; all its routes lie below them.</summary>
    IReadOnlyList<string> RoutePatterns { get; }
}
