using Modular.SharedKernel.Modules;
using static Modular.SharedKernel.Security.SiteRole;

namespace Modular.Users.People.Domain;

/// <summary>What each role may do to people, organizations and roles, and the scopes that cover it.</summary>
internal static class UserPermissions
{
    internal static readonly Permission Create = new(User.ResourceType, "create");
    internal static readonly Permission Read = new(User.ResourceType, "read");
    internal static readonly Permission Update = new(User.ResourceType, "update");
    internal static readonly Permission Delete = new(User.ResourceType, "delete");
    internal static readonly Permission ReadPersonal = new(User.ResourceType, "read_personal");
    internal static readonly Permission UpdatePersonal = new(User.ResourceType, "update_personal");

    internal static readonly Permission CreateOrganization = new("organization", "create");
    internal static readonly Permission ReadOrganization = new("organization", "read");
    internal static readonly Permission UpdateOrganization = new("organization", "update");
    internal static readonly Permission DeleteOrganization = new("organization", "delete");

    internal static readonly Permission AddToOrganization = new("organization_member", "create");
    internal static readonly Permission ReadMembers = new("organization_member", "read");
    internal static readonly Permission RemoveFromOrganization = new("organization_member", "delete");

    internal static readonly Permission AssignRole = new("assign_role", "assign");
    internal static readonly Permission ReadRoles = new("assign_role", "read");

    internal static readonly Permission AssignOrganizationRole = new("assign_org_role", "assign");
    internal static readonly Permission ReadOrganizationRoles = new("assign_org_role", "read");

    // Clients ask whether they may (authcheck), though no route here does it.
    private static readonly Permission updateMember = new("organization_member", "update");
    private static readonly Permission unassignRole = new("assign_role", "unassign");
    private static readonly Permission unassignOrganizationRole = new("assign_org_role", "unassign");

    private static readonly Permission[] users = [Create, Read, Update, Delete, ReadPersonal, UpdatePersonal];
    private static readonly Permission[] members = [AddToOrganization, ReadMembers, updateMember, RemoveFromOrganization];
    private static readonly Permission[] roles = [AssignRole, unassignRole, ReadRoles];
    private static readonly Permission[] organizationRoles = [AssignOrganizationRole, unassignOrganizationRole, ReadOrganizationRoles];

    private static readonly Permission[] definedRoles =
    [
        .. organizationRoles, new("assign_org_role", "create"), new("assign_org_role", "update"), new("assign_org_role", "delete"),
    ];

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(Member, Reach.Own, Read, ReadPersonal, UpdatePersonal),
        new(Member, Reach.Any, ReadRoles),

        new(Owner, Reach.Any, users),
        new(Owner, Reach.Any, CreateOrganization, ReadOrganization, UpdateOrganization, DeleteOrganization),
        new(Owner, Reach.Any, members),
        new(Owner, Reach.Any, roles),
        new(Owner, Reach.Any, definedRoles),

        new(UserAdmin, Reach.Any, users),
        new(UserAdmin, Reach.Any, ReadOrganization),
        new(UserAdmin, Reach.Any, members),
        new(UserAdmin, Reach.Any, roles),
        new(UserAdmin, Reach.Any, organizationRoles),

        new(TemplateAdmin, Reach.Any, Read),
        new(TemplateAdmin, Reach.Any, ReadOrganization),
        new(TemplateAdmin, Reach.Any, ReadMembers),
        new(TemplateAdmin, Reach.Any, ReadOrganizationRoles),

        new(Auditor, Reach.Any, Read),
        new(Auditor, Reach.Any, ReadOrganization),
        new(Auditor, Reach.Any, ReadMembers),
        new(Auditor, Reach.Any, ReadOrganizationRoles),

        // The roles within an organization. Reading every user is a right on the whole site.
        new(OrganizationRole.Member, Reach.Organization, ReadOrganization),
        new(OrganizationRole.Member, Reach.Organization, ReadMembers),
        new(OrganizationRole.Member, Reach.Organization, ReadOrganizationRoles),

        new(OrganizationRole.Admin, Reach.Any, Read),
        new(OrganizationRole.Admin, Reach.Organization, ReadOrganization, UpdateOrganization, DeleteOrganization),
        new(OrganizationRole.Admin, Reach.Organization, members),
        new(OrganizationRole.Admin, Reach.Organization, definedRoles),

        new(OrganizationRole.UserAdmin, Reach.Any, Read),
        new(OrganizationRole.UserAdmin, Reach.Organization, ReadOrganization),
        new(OrganizationRole.UserAdmin, Reach.Organization, members),
        new(OrganizationRole.UserAdmin, Reach.Organization, organizationRoles),

        new(OrganizationRole.Auditor, Reach.Organization, ReadOrganization),
        new(OrganizationRole.Auditor, Reach.Organization, ReadMembers),

        new(OrganizationRole.TemplateAdmin, Reach.Organization, ReadOrganization),
        new(OrganizationRole.TemplateAdmin, Reach.Organization, ReadMembers),
    ];

    internal static readonly IReadOnlyList<Scope> Scopes =
    [
        .. Scope.Of(Read, ReadPersonal, UpdatePersonal),
        .. Scope.Of(ReadOrganization, UpdateOrganization, DeleteOrganization),
    ];
}
