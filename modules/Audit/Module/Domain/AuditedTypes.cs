using System.Collections.Frozen;
using Modular.SharedKernel.Modules;

namespace Modular.Audit.Domain;

/// <summary>The types of resource that the modules of this server write entries about.</summary>
internal sealed class AuditedTypes(IEnumerable<IModule> modules)
{
    private readonly FrozenDictionary<string, string?> phrases =
        modules.SelectMany(module => module.AuditedResources).ToFrozenDictionary(resource => resource.Type, resource => resource.Phrase, StringComparer.Ordinal);

    /// <summary>Every type that a filter may name.</summary>
    internal IReadOnlyList<string> Filterable { get; } =
        [.. modules.SelectMany(module => module.AuditedResources).Select(resource => resource.Type), .. AuditVocabulary.ForeignResourceTypes];

    /// <summary>What stands behind the verb in the description of an entry, also of a type whose module is no longer here.</summary>
    internal string PhraseOf(string type) => phrases.GetValueOrDefault(type) ?? $"{type.Replace('_', ' ')} {{target}}";
}
