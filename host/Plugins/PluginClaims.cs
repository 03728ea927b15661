using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing.Patterns;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;

namespace Modular.Host.Plugins;

/// <summary>The names that a plug-in claims for itself, held against the forms they must have and against those that are taken.</summary>
internal static partial class PluginClaims
{
    private static readonly string[] roles = [.. SiteRole.All, .. OrganizationRole.All];

    /// <summary>Whether a folder, an assembly and a module can be named so.</summary>
    internal static bool IsName(string text) => NameForm().IsMatch(text);

    /// <exception cref="PluginRefusedException">A name does not have its form, or is taken.</exception>
    internal static void Check(Plugin plugin, IReadOnlyList<IModule> others)
    {
        var module = plugin.Module;
        Require(module.Name == plugin.Name, $"its module is named '{module.Name}', and its folder '{plugin.Name}'; give both the same name");
        RequireFree("module name", module.Name, others, other => [other.Name], StringComparer.OrdinalIgnoreCase);

        Require(FlagForm().IsMatch(module.FeatureFlag), $"'{module.FeatureFlag}' is no feature flag; write it like shared-notes");
        RequireFree("feature flag", module.FeatureFlag, others, other => other is IExperimentalModule experiment ? [experiment.FeatureFlag] : []);
        Require(!string.IsNullOrWhiteSpace(module.Title) && !string.IsNullOrWhiteSpace(module.Description), "it has no title or no description for operators");

        Require(
            IdentifierForm().IsMatch(module.Schema) && !module.Schema.StartsWith("pg_", StringComparison.Ordinal) && module.Schema is not ("public" or "information_schema"),
            $"'{module.Schema}' is no schema for a plug-in; write lower-case letters, digits and underscores");
        RequireFree("schema", module.Schema, others, other => [other.Schema]);

        CheckRoutes(module, others);
        CheckRights(module, others);
        foreach (var type in module.AuditedResources.Select(resource => resource.Type))
        {
            Require(IdentifierForm().IsMatch(type), $"'{type}' is no type of resource; write it like shared_note");
            RequireFree("audit resource type", type, others, other => other.AuditedResources.Select(resource => resource.Type));
            Require(module.AuditedResources.Count(twin => twin.Type == type) == 1, $"it names the type of resource {type} of its audit entries twice");
        }
    }

    private static void CheckRoutes(PluginModule module, IReadOnlyList<IModule> others)
    {
        foreach (var text in module.RoutePatterns)
        {
            var pattern = RoutePatternFactory.Parse(text);
            Require(pattern.IsExperimental(), $"its route pattern {text} does not lie below /api/experimental, with a word of its own");
            foreach (var other in others.OfType<IExperimentalModule>())
            {
                Require(
                    !other.RoutePatterns.Any(theirs => pattern.Overlaps(RoutePatternFactory.Parse(theirs))),
                    $"its route pattern {text} takes paths of {other.Name}");
            }
        }
    }

    private static void CheckRights(PluginModule module, IReadOnlyList<IModule> others)
    {
        var own = Granted(module).ToHashSet(StringComparer.Ordinal);
        foreach (var grant in module.Grants)
        {
            Require(roles.Contains(grant.Role), $"it grants something to '{grant.Role}', which is no role");
            foreach (var (resource, action) in grant.Permissions)
            {
                Require(IdentifierForm().IsMatch(resource), $"'{resource}' is no type of resource; write it like shared_note");
                Require(IdentifierForm().IsMatch(action), $"it grants an action on {resource} that is no word");
            }
        }

        foreach (var resource in own)
        {
            RequireFree("permission", resource, others, ResourcesOf);
        }

        foreach (var scope in module.Scopes)
        {
            RequireFree("scope", scope.Name, others, other => other.Scopes.Select(theirs => theirs.Name));
            Require(module.Scopes.Count(twin => twin.Name == scope.Name) == 1, $"it names the scope {scope.Name} twice");
            Require(
                own.Contains(scope.Name.Split(':')[0]) && scope.Permissions.All(permission => own.Contains(permission.Resource)),
                $"its scope {scope.Name} stands for permissions that are not its own");
        }
    }

    private static IEnumerable<string> Granted(IModule module) =>
        module.Grants.SelectMany(grant => grant.Permissions).Select(permission => permission.Resource);

    /// <summary>What a module's permissions are about, those too that only scopes name.</summary>
    private static IEnumerable<string> ResourcesOf(IModule module) => Granted(module)
        .Concat(module.Scopes.SelectMany(scope => scope.Permissions).Select(permission => permission.Resource));

    private static void RequireFree(
        string what, string name, IReadOnlyList<IModule> others, Func<IModule, IEnumerable<string>> theirs, StringComparer? comparer = null)
    {
        var owner = others.FirstOrDefault(other => theirs(other).Contains(name, comparer ?? StringComparer.Ordinal));
        Require(owner is null, $"the {what} '{name}' belongs to {owner?.Name}");
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new PluginRefusedException(otherwise);
        }
    }

    [GeneratedRegex(@"\A(?=.{1,64}\z)[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*\z")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"\A(?=.{1,64}\z)[a-z][a-z0-9]*(-[a-z0-9]+)*\z")]
    private static partial Regex FlagForm();

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,62}\z")]
    private static partial Regex IdentifierForm();
}
