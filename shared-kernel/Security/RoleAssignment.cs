namespace Modular.SharedKernel.Security;

/// <summary>Who may give and take which site role, and who stands above whom because of it.</summary>
public static class RoleAssignment
{
    private static readonly Dictionary<string, IReadOnlyList<string>> assignable = new()
    {
        [SiteRole.Owner] = SiteRole.All,
        [SiteRole.UserAdmin] = [SiteRole.Member],
    };

    /// <summary>Whether one of the roles gives the right to assign the other one. Taking a role away needs the same right.</summary>
    public static bool MayAssign(IEnumerable<string> callersRoles, string role) =>
        callersRoles.Any(held => assignable.TryGetValue(held, out var roles) && roles.Contains(role));

    /// <summary>
    /// Whether an account holds a role that the caller neither holds nor may assign. Nobody writes to the account of another
    /// person who outranks them.
    /// </summary>
    public static bool Outranks(IEnumerable<string> targetsRoles, IReadOnlyCollection<string> callersRoles) =>
        targetsRoles.Any(role => role != SiteRole.Member && !callersRoles.Contains(role) && !MayAssign(callersRoles, role));
}
