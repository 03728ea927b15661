namespace Modular.UserSkills.Domain;

/// <summary>A skill among those that an agent can use.</summary>
/// <param name="Name">Bare, as its file says it.</param>
/// <param name="Description">May be empty.</param>
/// <param name="Source">Where it is kept.</param>
/// <param name="Alias">What a model calls it: the bare name, or the qualified one where the name is held twice.</param>
internal sealed record ResolvedSkill(string Name, string Description, SkillSource Source, string Alias)
{
    /// <summary>Unambiguous whatever else there is, as no name has a slash.</summary>
    internal string QualifiedName => SkillResolver.Qualified(Source, Name);
}

/// <summary>
/// Joins the skills of an agent's user with those of its workspace. Neither overrides the other: of two skills with one name, both are
/// called by their qualified names. Everything is compared byte by byte.
/// </summary>
internal static class SkillResolver
{
    /// <summary>All skills by name; of one name the personal one first. Of two skills of one source and name, the first counts.</summary>
    internal static IReadOnlyList<ResolvedSkill> Merge(
        IEnumerable<(string Name, string Description)> personal, IEnumerable<(string Name, string Description)> workspace)
    {
        var all = From(SkillSource.Personal, personal).Concat(From(SkillSource.Workspace, workspace)).ToList();
        var held = all.CountBy(skill => skill.Name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return
        [
            .. all.Select(skill => held[skill.Name] == 1 ? skill : skill with { Alias = skill.QualifiedName })
                .OrderBy(skill => skill.Name, StringComparer.Ordinal)
                .ThenBy(skill => skill.Source),
        ];
    }

    /// <summary>Those that are meant by what a model asks for: one, none, or several where a bare name is held by several.</summary>
    internal static IReadOnlyList<ResolvedSkill> Find(IReadOnlyList<ResolvedSkill> skills, string asked) =>
        [.. skills.Where(skill => skill.Name == asked || skill.QualifiedName == asked)];

    internal static string Qualified(SkillSource source, string name) => $"{SourceName(source)}/{name}";

    /// <summary>As it is written in answers.</summary>
    internal static string SourceName(SkillSource source) => source switch
    {
        SkillSource.Personal => "personal",
        SkillSource.Workspace => "workspace",
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "A source without a name."),
    };

    private static IEnumerable<ResolvedSkill> From(SkillSource source, IEnumerable<(string Name, string Description)> skills) => skills
        .DistinctBy(skill => skill.Name, StringComparer.Ordinal)
        .Select(skill => new ResolvedSkill(skill.Name, skill.Description, source, Alias: skill.Name));
}
