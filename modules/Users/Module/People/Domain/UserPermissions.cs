using Modular.SharedKernel.Modules;
using static Modular.SharedKernel.Security.SiteRole;

namespace Modular.Users.People.Domain;

/// <summary>What each role may do to people, organizations and roles, and the scopes that cover it.</summary>
internal static class UserPermissions
{
    internal static readonly Permission Create = new("user", "create");
    internal static readonly Permission Read = new("user", "read");
    internal static readonly Permission Update = new("user", "update");
    internal static readonly Permission ReadPersonal = new("user", "read_personal");
    internal static readonly Permission UpdatePersonal = new("user", "update_personal");
    internal static readonly Permission Delete = new("user", "delete");
    internal static readonly Permission ReadRoles = new("assign_role", "read");
    internal static readonly Permission AssignRole = new("assign_role", "assign");
    internal static readonly Permission ReadOrganization = new("organization", "read");
    internal static readonly Permission CreateOrganization = new("organization", "create");
    internal static readonly Permission UpdateOrganization = new("organization", "update");
    internal static readonly Permission DeleteOrganization = new("organization", "delete");
    internal static readonly Permission AddToOrganization = new("organization_member", "create");
    internal static readonly Permission ReadMembers = new("organization_member", "read");
    internal static readonly Permission RemoveFromOrganization = new("organization_member", "delete");
    internal static readonly Permission ReadOrganizationRoles = new("assign_org_role", "read");
    internal static readonly Permission AssignOrganizationRole = new("assign_org_role", "assign");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(Member, Reach.Own, "user", "read", "read_personal", "update_personal"),
        new(Member, Reach.Any, "assign_role", "read"),

        new(Owner, Reach.Any, "user", "create", "read", "update", "delete", "read_personal", "update_personal"),
        new(Owner, Reach.Any, "organization", "create", "read", "update", "delete"),
        new(Owner, Reach.Any, "organization_member", "create", "read", "update", "delete"),
        new(Owner, Reach.Any, "assign_role", "assign", "unassign", "read"),
        new(Owner, Reach.Any, "assign_org_role", "assign", "unassign", "read", "create", "update", "delete"),

        new(UserAdmin, Reach.Any, "user", "create", "read", "update", "delete", "read_personal", "update_personal"),
        new(UserAdmin, Reach.Any, "organization", "read"),
        new(UserAdmin, Reach.Any, "organization_member", "create", "read", "update", "delete"),
        new(UserAdmin, Reach.Any, "assign_role", "assign", "unassign", "read"),
        new(UserAdmin, Reach.Any, "assign_org_role", "assign", "unassign", "read"),

        new(TemplateAdmin, Reach.Any, "user", "read"),
        new(TemplateAdmin, Reach.Any, "organization", "read"),
        new(TemplateAdmin, Reach.Any, "organization_member", "read"),
        new(TemplateAdmin, Reach.Any, "assign_org_role", "read"),

        new(Auditor, Reach.Any, "user", "read"),
        new(Auditor, Reach.Any, "organization", "read"),
        new(Auditor, Reach.Any, "organization_member", "read"),
        new(Auditor, Reach.Any, "assign_org_role", "read"),

        // The roles within an organization. Reading every user is a right on the whole site.
        new(OrganizationRole.Member, Reach.Organization, "organization", "read"),
        new(OrganizationRole.Member, Reach.Organization, "organization_member", "read"),
        new(OrganizationRole.Member, Reach.Organization, "assign_org_role", "read"),

        new(OrganizationRole.Admin, Reach.Any, "user", "read"),
        new(OrganizationRole.Admin, Reach.Organization, "organization", "read", "update", "delete"),
        new(OrganizationRole.Admin, Reach.Organization, "organization_member", "create", "read", "update", "delete"),
        new(OrganizationRole.Admin, Reach.Organization, "assign_org_role", "assign", "unassign", "read", "create", "update", "delete"),

        new(OrganizationRole.UserAdmin, Reach.Any, "user", "read"),
        new(OrganizationRole.UserAdmin, Reach.Organization, "organization", "read"),
        new(OrganizationRole.UserAdmin, Reach.Organization, "organization_member", "create", "read", "update", "delete"),
        new(OrganizationRole.UserAdmin, Reach.Organization, "assign_org_role", "assign", "unassign", "read"),

        new(OrganizationRole.Auditor, Reach.Organization, "organization", "read"),
        new(OrganizationRole.Auditor, Reach.Organization, "organization_member", "read"),

        new(OrganizationRole.TemplateAdmin, Reach.Organization, "organization", "read"),
        new(OrganizationRole.TemplateAdmin, Reach.Organization, "organization_member", "read"),
    ];

    internal static readonly IReadOnlyList<Scope> Scopes =
    [
        .. Scope.Of("user", "read", "read_personal", "update_personal"),
        .. Scope.Of("organization", "read", "update", "delete"),
    ];
}
