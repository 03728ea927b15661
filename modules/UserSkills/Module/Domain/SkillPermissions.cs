namespace Modular.UserSkills.Domain;

/// <summary>A skill is its user's alone. Owners read and delete others' skills, for support and against abuse; nobody writes them.</summary>
internal static class SkillPermissions
{
    internal static readonly Permission Create = new("user_skill", "create");
    internal static readonly Permission Read = new("user_skill", "read");
    internal static readonly Permission Update = new("user_skill", "update");
    internal static readonly Permission Delete = new("user_skill", "delete");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Member, Reach.Own, "user_skill", "create", "read", "update", "delete"),
        new(SiteRole.Owner, Reach.Any, "user_skill", "read", "delete"),
    ];
}
