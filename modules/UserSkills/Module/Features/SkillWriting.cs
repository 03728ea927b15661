using System.Text;
using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills.Features;

/// <summary>What every change of a skill that is there begins and ends with.</summary>
internal sealed class SkillWriting(ICurrentUser current, UserSkillsDbContext db, IIntegrationEvents events, SkillSettings settings, TimeProvider clock)
{
    /// <summary>What an entry of the log takes beside contents, about.</summary>
    private const int EntryBytes = 512;

    private const int ContentsKept = 3;

    /// <summary>The skill, locked: 409 below a deleted user, 404 where it is not there, 403 to who may read it and not change it.</summary>
    internal async Task<Result<Skill>> LockAsync(Target user, string name, CancellationToken ct)
    {
        var caller = current.Required;
        if (user.IsDeleted)
        {
            return SkillErrors.OwnerDeletedOnUpdate;
        }

        // Who sees no skill of this user learns nothing of which there are; who sees them learns that one is missing.
        if (!caller.HasRight(SkillPermissions.Read, owner: user.Id) && !caller.HasRight(SkillPermissions.Update, owner: user.Id))
        {
            return Refused(null);
        }

        if (!await db.LockOwnerAsync(user, ct))
        {
            return SkillErrors.OwnerDeletedOnUpdate;
        }

        var skill = await db.LockSkillAsync(user.Id, name, ct);
        if (skill is null || !caller.May(SkillPermissions.Read, owner: user.Id, id: skill.Id))
        {
            return Error.ResourceNotFound;
        }

        return caller.May(SkillPermissions.Update, owner: user.Id, id: skill.Id) ? skill : Refused(skill);

        Result<Skill> Refused(Skill? target) => Result<Skill>.Refused(
            Error.NotAllowed,
            new WriteRefused(
                new AuditFacts(AuditAction.Write, Skill.ResourceType, target?.Id ?? Guid.Empty, SkillFile.IsName(name) ? name : ""), clock.GetUtcNow()));
    }

    /// <summary>Stores what has been changed of the locked skill, with a new version where the content differs.</summary>
    /// <param name="skill">The skill.</param>
    /// <param name="restored">The version that it got its content from, for the log.</param>
    /// <param name="ct">The request's.</param>
    internal async Task<Result<SkillAnswer>> SaveAsync(Skill skill, int? restored, CancellationToken ct)
    {
        var (before, now) = (db.Unchanged(skill), clock.GetUtcNow());
        if (await SpendAsync(skill, before, now, ct) is { } usedUp)
        {
            return usedUp;
        }

        skill.Touch(now);
        if (skill.Content != before.Content)
        {
            await AddVersionAsync(skill, now, ct);
        }

        await db.SaveChangesAsync(ct);
        await events.PublishAsync(
            new UpdateSkill.SkillUpdated(
                skill.UserId,
                new AuditFacts(AuditAction.Write, Skill.ResourceType, skill.Id, skill.Name)
                {
                    Diff = Skill.AuditShape.Diff(before, skill),
                    AdditionalFields = restored is { } version ? new Dictionary<string, object> { ["event"] = "restored", ["version"] = version } : [],
                },
                now),
            ct);
        return SkillAnswer.Of(skill);
    }

    /// <summary>
    /// Counts what a write leaves for good against the day's budget of the user whose guard row is locked: the error where that is used up.
    /// A content is logged when it comes, kept as a version, and logged again when it goes, so that it counts three times when it
    /// comes, and going is always free.
    /// </summary>
    /// <param name="skill">As it is going to be.</param>
    /// <param name="before">As it was; null where it was not there.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">The request's.</param>
    internal async Task<Error?> SpendAsync(Skill skill, Skill? before, DateTimeOffset now, CancellationToken ct)
    {
        if (settings.BytesPerDay <= 0)
        {
            return null;
        }

        var bytes = EntryBytes;
        if (skill.Content != before?.Content)
        {
            bytes += ContentsKept * (Encoding.UTF8.GetByteCount(skill.Content) + Encoding.UTF8.GetByteCount(skill.Description));
        }

        return await db.SpendAsync(skill.UserId, bytes, DateOnly.FromDateTime(now.UtcDateTime), settings.BytesPerDay, ct)
            ? null
            : SkillErrors.BudgetUsedUp(settings.BytesPerDay, now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime);
    }

    /// <summary>The lock on the skill makes the numbers follow each other.</summary>
    private async Task AddVersionAsync(Skill skill, DateTimeOffset now, CancellationToken ct)
    {
        var version = await db.Versions.Where(kept => kept.SkillId == skill.Id).MaxAsync(kept => kept.Version, ct) + 1;
        db.Versions.Add(SkillVersion.Of(skill, version, current.Required.UserId, now));
        await db.Versions.Where(kept => kept.SkillId == skill.Id && kept.Version <= version - settings.KeptVersions).ExecuteDeleteAsync(ct);
    }
}
