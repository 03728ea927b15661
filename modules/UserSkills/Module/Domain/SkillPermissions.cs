namespace Modular.UserSkills.Domain;

/// <summary>A skill is its user's alone. Owners read and delete others' skills, for support and against abuse; only the user writes them.</summary>
internal static class SkillPermissions
{
    internal static readonly Permission Create = new(Skill.ResourceType, "create");
    internal static readonly Permission Read = new(Skill.ResourceType, "read");
    internal static readonly Permission Update = new(Skill.ResourceType, "update");
    internal static readonly Permission Delete = new(Skill.ResourceType, "delete");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Member, Reach.Own, Create, Read, Update, Delete),
        new(SiteRole.Owner, Reach.Any, Read, Delete),
    ];
}
