using System.Collections.Frozen;
using Modular.SharedKernel.Modules;

namespace Modular.ApiKeys.Domain;

/// <summary>Every scope that a key may be asked to have, joined from what the modules contribute, and what each expands to.</summary>
internal sealed class ScopeCatalog
{
    internal const string All = "coder:all";
    internal const string ApplicationConnect = "coder:application_connect";

    private readonly FrozenDictionary<string, Entry> entries;
    private readonly FrozenDictionary<string, string?> resourceTypes;

    public ScopeCatalog(IEnumerable<IModule> modules)
    {
        var all = modules.ToArray();
        entries = all
            .SelectMany(module => module.Scopes.Select(scope => new Entry(scope, (module as IExperimentalModule)?.FeatureFlag)))
            .ToFrozenDictionary(entry => entry.Scope.Name, StringComparer.Ordinal);
        resourceTypes = all
            .SelectMany(module => module.Grants
                .SelectMany(grant => grant.Permissions)
                .Select(permission => (permission.Resource, Flag: (module as IExperimentalModule)?.FeatureFlag)))
            .Concat(ForeignScopes.ResourceTypes.Select(type => (type, (string?)null)))
            .DistinctBy(type => type.Item1)
            .ToFrozenDictionary(type => type.Item1, type => type.Item2, StringComparer.Ordinal);
    }

    /// <summary>The name as it is stored: the two short spellings of old clients get their full form.</summary>
    internal static string Canonical(string name) => name is "all" or "application_connect" ? $"coder:{name}" : name;

    /// <summary>Whether a key may be asked to have it: known, and not of an experiment that is off for the caller.</summary>
    internal async ValueTask<bool> IsRequestableAsync(string canonicalName, IExperiments experiments) =>
        canonicalName == All
        || (entries.TryGetValue(canonicalName, out var entry) && (entry.FeatureFlag is null || await experiments.IsOnAsync(entry.FeatureFlag)));

    /// <summary>Whether an allow list may name the type; <c>*</c> is every type.</summary>
    internal async ValueTask<bool> IsResourceTypeAsync(string type, IExperiments experiments) =>
        type == AllowList.Any || (resourceTypes.TryGetValue(type, out var flag) && (flag is null || await experiments.IsOnAsync(flag)));

    /// <summary>Every name a key may be asked to have, in byte order, without the short spellings.</summary>
    internal async Task<IReadOnlyList<string>> RequestableAsync(IExperiments experiments)
    {
        var names = new List<string> { All };
        foreach (var (name, entry) in entries)
        {
            if (entry.FeatureFlag is null || await experiments.IsOnAsync(entry.FeatureFlag))
            {
                names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>What the names permit together. Unknown ones permit nothing.</summary>
    internal PermissionSet Expand(IEnumerable<string> names)
    {
        var permissions = new HashSet<Permission>();
        foreach (var name in names)
        {
            if (name == All)
            {
                return PermissionSet.Everything;
            }

            if (entries.TryGetValue(name, out var entry))
            {
                permissions.UnionWith(entry.Scope.Permissions);
            }
        }

        return new PermissionSet(permissions);
    }

    private sealed record Entry(Scope Scope, string? FeatureFlag);
}

/// <summary>A set of permissions in which a resource's <c>*</c> stands for each of its actions.</summary>
internal sealed class PermissionSet
{
    internal static readonly PermissionSet Everything = new([]) { IsEverything = true };

    private const string AnyAction = "*";

    private readonly HashSet<Permission> permissions;

    internal PermissionSet(HashSet<Permission> permissions) => this.permissions = permissions;

    internal bool IsEverything { get; private init; }

    internal bool Holds(Permission permission) =>
        IsEverything || permissions.Contains(permission) || permissions.Contains(permission with { Action = AnyAction });

    /// <summary>The first permission of the other set that this one lacks. A wildcard is held only as a wildcard, since it grows.</summary>
    internal bool Covers(PermissionSet other) => IsEverything || (!other.IsEverything && other.permissions.All(Holds));
}
