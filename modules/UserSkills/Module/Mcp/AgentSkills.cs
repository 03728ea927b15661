using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills.Mcp;

/// <summary>
/// The skills that an agent sees: the caller's own, those that are switched on and that its key admits. Read anew each time, so that
/// an edit is in the next answer, of whichever server.
/// </summary>
internal sealed class AgentSkills(ICurrentUser current, UserSkillsDbContext db)
{
    internal Guid UserId => current.Required.UserId;

    /// <summary>Names and descriptions, by name.</summary>
    internal async Task<IReadOnlyList<(string Name, string Description)>> ListAsync(CancellationToken ct) =>
        [.. (await Readable().Select(skill => new { skill.Name, skill.Description }).ToListAsync(ct)).Select(skill => (skill.Name, skill.Description))];

    /// <summary>Names with the files as they were stored, by name, from the one behind <paramref name="after"/> on.</summary>
    internal async Task<IReadOnlyList<(string Name, string Content)>> FilesAsync(string after, int atMost, CancellationToken ct) =>
        [.. (await Readable().Where(skill => skill.Name.CompareTo(after) > 0).Take(atMost).Select(skill => new { skill.Name, skill.Content }).ToListAsync(ct))
            .Select(skill => (skill.Name, skill.Content))];

    /// <summary>The file as it was stored, and its description; null where there is no such skill.</summary>
    internal async Task<(string Description, string Content)?> FileAsync(string name, CancellationToken ct) =>
        await Readable().Where(skill => skill.Name == name).Select(skill => new { skill.Description, skill.Content }).SingleOrDefaultAsync(ct) is { } skill
            ? (skill.Description, skill.Content)
            : null;

    private IQueryable<Skill> Readable()
    {
        var caller = current.Required;
        var admitted = caller.Restrictions.AdmittedIds(SkillPermissions.Read.Resource);
        return caller.HasRight(SkillPermissions.Read, owner: caller.UserId)
            ? db.Skills.AsNoTracking()
                .Where(skill => skill.UserId == caller.UserId && skill.Enabled && (admitted == null || admitted.Contains(skill.Id)))
                .OrderBy(skill => skill.Name)
            : db.Skills.Where(_ => false);
    }
}
