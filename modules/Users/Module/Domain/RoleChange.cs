using Modular.SharedKernel.Security;

namespace Modular.Users.Domain;

/// <summary>Which set of site roles may take the place of which. Giving and taking a role need the same right.</summary>
internal static class RoleChange
{
    /// <summary>
    /// Null, or why the caller cannot make the change. The implied 'member' is always among the roles given, so even an unchanged set
    /// needs the right to assign.
    /// </summary>
    internal static string? Problem(IReadOnlyList<string> wanted, IReadOnlyList<string> present, IReadOnlyList<string> callersRoles)
    {
        if (wanted.FirstOrDefault(role => !SiteRole.All.Contains(role)) is { } unknown)
        {
            return Unknown(unknown);
        }

        var given = wanted.Except(present).Append(SiteRole.Member);
        if (given.FirstOrDefault(role => !RoleAssignment.MayAssign(callersRoles, role)) is { } notGiven)
        {
            return $"You may not give the role '{notGiven}'.";
        }

        return present.Except(wanted).FirstOrDefault(role => !RoleAssignment.MayAssign(callersRoles, role)) is { } notTaken
            ? $"You may not take away the role '{notTaken}'."
            : null;
    }

    internal static string Unknown(string role) => $"There is no site role '{role}'. The roles are {string.Join(", ", SiteRole.All)}.";
}
