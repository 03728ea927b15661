namespace Modular.Users.People.Domain;

/// <summary>Which set of roles may take the place of which. Giving and taking a role need the same right.</summary>
internal static class RoleChange
{
    /// <summary>
    /// Null, or why the caller cannot make the change. The implied role is always among those given, so even an unchanged set needs the
    /// right to assign.
    /// </summary>
    /// <param name="wanted">The new set.</param>
    /// <param name="present">The set that it replaces.</param>
    /// <param name="callersRoles">Site roles, and full names of organization roles.</param>
    /// <param name="organization">Where the roles are held; null for site roles.</param>
    internal static string? Problem(
        IReadOnlyList<string> wanted, IReadOnlyList<string> present, IReadOnlyList<string> callersRoles, Guid? organization = null)
    {
        var (known, implied) = organization is null ? (SiteRole.All, SiteRole.Member) : (OrganizationRole.All, OrganizationRole.Member);
        if (wanted.FirstOrDefault(role => !known.Contains(role)) is { } unknown)
        {
            return organization is null
                ? Unknown(unknown)
                : $"There is no role '{unknown}' in an organization. The roles are {string.Join(", ", known)}.";
        }

        if (wanted.Except(present).Append(implied).FirstOrDefault(role => !MayAssign(role)) is { } notGiven)
        {
            return $"You may not give the role '{notGiven}'.";
        }

        return present.Except(wanted).FirstOrDefault(role => !MayAssign(role)) is { } notTaken
            ? $"You may not take away the role '{notTaken}'."
            : null;

        bool MayAssign(string role) =>
            RoleAssignment.MayAssign(callersRoles, organization is { } id ? OrganizationRole.In(id, role) : role);
    }

    internal static string Unknown(string role) => $"There is no site role '{role}'. The roles are {string.Join(", ", SiteRole.All)}.";
}
