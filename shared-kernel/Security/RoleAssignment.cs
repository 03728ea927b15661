namespace Modular.SharedKernel.Security;

/// <summary>Who may give and take which site role, and who stands above whom because of it.</summary>
public static class RoleAssignment
{
    private static readonly Dictionary<string, IReadOnlyList<string>> siteRoles = new()
    {
        [SiteRole.Owner] = SiteRole.All,
        [SiteRole.UserAdmin] = [SiteRole.Member],
    };

    /// <summary>By site roles in every organization, by organization roles in their own.</summary>
    private static readonly Dictionary<string, IReadOnlyList<string>> organizationRoles = new()
    {
        [SiteRole.Owner] = OrganizationRole.All,
        [SiteRole.UserAdmin] = [OrganizationRole.Member, OrganizationRole.AgentsAccess],
        [OrganizationRole.Admin] = OrganizationRole.All,
        [OrganizationRole.UserAdmin] = [OrganizationRole.Member, OrganizationRole.AgentsAccess],
    };

    /// <summary>
    /// Whether one of the roles gives the right to assign the other one. Taking a role away needs the same right. Organization roles
    /// by their full names.
    /// </summary>
    public static bool MayAssign(IEnumerable<string> callersRoles, string role)
    {
        var (name, organization) = OrganizationRole.Read(role);
        var assignable = organization is null ? siteRoles : organizationRoles;
        return callersRoles.Select(OrganizationRole.Read).Any(held =>
            (held.Organization is null || held.Organization == organization)
            && assignable.TryGetValue(held.Name, out var roles)
            && roles.Contains(name));
    }

    /// <summary>
    /// Whether an account holds a site role that the caller neither holds nor may assign: then the caller does not write to it. Roles in
    /// organizations, which are passed over, shield an account from nothing that is done to it as a whole.
    /// </summary>
    public static bool Outranks(IEnumerable<string> targetsRoles, IReadOnlyCollection<string> callersRoles) =>
        targetsRoles.Any(role => OrganizationRole.Read(role).Organization is null && role != SiteRole.Member && IsBeyond(role, callersRoles));

    /// <summary>The same for what is done to a membership: compared are the roles in that organization.</summary>
    /// <param name="membersRoles">Full names of the roles that the member holds there.</param>
    /// <param name="callersRoles">All of the caller's.</param>
    public static bool OutranksInOrganization(IEnumerable<string> membersRoles, IReadOnlyCollection<string> callersRoles) =>
        membersRoles.Any(role => OrganizationRole.Read(role).Name != OrganizationRole.Member && IsBeyond(role, callersRoles));

    private static bool IsBeyond(string role, IReadOnlyCollection<string> callersRoles) =>
        !callersRoles.Contains(role) && !MayAssign(callersRoles, role);
}
