using System.Collections.Frozen;

namespace Modular.SharedKernel.Security;

/// <summary>The site roles. A user holds any number; <see cref="Member"/> is implied for everybody.</summary>
public static class SiteRole
{
    /// <summary>Everything that a module does not keep from it.</summary>
    public const string Owner = "owner";

    /// <summary>Manages people, not their keys, secrets or skills.</summary>
    public const string UserAdmin = "user-admin";

    /// <summary>Reads people, for the sake of clients that manage templates.</summary>
    public const string TemplateAdmin = "template-admin";

    /// <summary>Reads people, organizations and the audit log.</summary>
    public const string Auditor = "auditor";

    /// <summary>Everybody.</summary>
    public const string Member = "member";

    /// <summary>All of them, in byte order.</summary>
    public static IReadOnlyList<string> All { get; } = [Auditor, Member, Owner, TemplateAdmin, UserAdmin];
}

/// <summary>An action on a type of resource, such as <c>user:read</c>.</summary>
public readonly record struct Permission(string Resource, string Action)
{
    /// <summary>The spelling used for scopes: <c>resource:action</c>.</summary>
    public override string ToString() => $"{Resource}:{Action}";
}

/// <summary>Whose resources a grant reaches.</summary>
public enum Reach
{
    /// <summary>The caller's own.</summary>
    Own,

    /// <summary>Everybody's, and those that belong to nobody.</summary>
    Any,
}

/// <summary>One cell of the permission table: what a role may do to a type of resource.</summary>
public sealed record Grant(string Role, Reach Reach, string Resource, params string[] Actions);

/// <summary>What all roles may do, joined from what every module contributes. The only place where a role becomes a right.</summary>
public sealed class PermissionTable
{
    private readonly FrozenSet<(string Role, Reach Reach, Permission Permission)> cells;

    /// <summary>Joins the contributions.</summary>
    public PermissionTable(IEnumerable<Grant> grants)
    {
        Grants = [.. grants];
        cells = Grants.SelectMany(g => g.Actions.Select(action => (g.Role, g.Reach, new Permission(g.Resource, action)))).ToFrozenSet();
    }

    /// <summary>The contributions, in the modules' order.</summary>
    public IReadOnlyList<Grant> Grants { get; }

    /// <summary>Whether one of the roles, or being a member, allows it. <paramref name="own"/>: the resource belongs to the caller.</summary>
    public bool Allows(IReadOnlyCollection<string> roles, Permission permission, bool own) =>
        Allows(SiteRole.Member, permission, own) || roles.Any(role => Allows(role, permission, own));

    private bool Allows(string role, Permission permission, bool own) =>
        cells.Contains((role, Reach.Any, permission)) || (own && cells.Contains((role, Reach.Own, permission)));
}
