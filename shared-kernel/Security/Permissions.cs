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

/// <summary>
/// The roles that are held in one organization. Where site and organization roles stand together, an organization's role is written
/// as its full name, <c>name:organization id</c>.
/// </summary>
public static class OrganizationRole
{
    /// <summary>Everything in the organization.</summary>
    public const string Admin = "organization-admin";

    /// <summary>Reads the organization, its members and its part of the audit log.</summary>
    public const string Auditor = "organization-auditor";

    /// <summary>Manages the organization's members.</summary>
    public const string UserAdmin = "organization-user-admin";

    /// <summary>Reads the organization and its members, for the sake of clients that manage templates.</summary>
    public const string TemplateAdmin = "organization-template-admin";

    /// <summary>Takes rights on workspaces away, of which this product has none.</summary>
    public const string WorkspaceCreationBan = "organization-workspace-creation-ban";

    /// <summary>Every member.</summary>
    public const string Member = "organization-member";

    /// <summary>A right on agents, of which this product has none.</summary>
    public const string AgentsAccess = "agents-access";

    /// <summary>All of them, in byte order.</summary>
    public static IReadOnlyList<string> All { get; } = [AgentsAccess, Admin, Auditor, Member, TemplateAdmin, UserAdmin, WorkspaceCreationBan];

    /// <summary>The full name of the role in an organization.</summary>
    public static string In(Guid organization, string role) => $"{role}:{organization}";

    /// <summary>Those of the roles that are held in organizations.</summary>
    public static IEnumerable<string> OfOrganizations(IEnumerable<string> roles) => roles.Where(role => Read(role).Organization is not null);

    /// <summary>The name, and the organization of a full name; null for a site role.</summary>
    public static (string Name, Guid? Organization) Read(string role) =>
        role.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 && Guid.TryParseExact(role.AsSpan(colon + 1), "D", out var organization)
            ? (role[..colon], organization)
            : (role, null);
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

    /// <summary>Those of the organization in which the role is held.</summary>
    Organization,

    /// <summary>All of them, also those that belong to no user.</summary>
    Any,
}

/// <summary>One row of the permission table: what a role may do to resources within its reach.</summary>
public sealed record Grant(string Role, Reach Reach, params Permission[] Permissions);

/// <summary>What all roles may do, joined from what every module contributes. The only place where a role becomes a right.</summary>
public sealed class PermissionTable
{
    private readonly FrozenSet<(string Role, Reach Reach, Permission Permission)> cells;

    /// <summary>Joins the contributions.</summary>
    public PermissionTable(IEnumerable<Grant> grants)
    {
        Grants = [.. grants];
        cells = Grants.SelectMany(g => g.Permissions.Select(permission => (g.Role, g.Reach, permission))).ToFrozenSet();
    }

    /// <summary>The contributions, in the modules' order.</summary>
    public IReadOnlyList<Grant> Grants { get; }

    /// <summary>Whether one of the roles, or being a member, allows it.</summary>
    /// <param name="roles">Site roles, and full names of organization roles.</param>
    /// <param name="permission">What is to be done.</param>
    /// <param name="own">Whether the resource belongs to the caller.</param>
    /// <param name="organization">The organization that the resource belongs to, or is.</param>
    public bool Allows(IReadOnlyCollection<string> roles, Permission permission, bool own, Guid? organization = null) =>
        Allows(SiteRole.Member, permission, own, organization) || roles.Any(role => Allows(role, permission, own, organization));

    private bool Allows(string role, Permission permission, bool own, Guid? organization)
    {
        var (name, heldIn) = OrganizationRole.Read(role);
        return cells.Contains((name, Reach.Any, permission))
            || (own && cells.Contains((name, Reach.Own, permission)))
            || (heldIn is not null && heldIn == organization && cells.Contains((name, Reach.Organization, permission)));
    }
}
