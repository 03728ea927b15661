using Modular.Users.Contracts;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills.Events;

internal sealed class RemoveSkillsOfDeletedUser(UserSkillsDbContext db) : INotificationHandler<UserDeleted>
{
    public async Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        // The tombstone first: it waits for a write in flight and refuses those that come later.
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into user_skills.owners (user_id, deleted) values ({notification.UserId}, true)
            on conflict (user_id) do update set deleted = true
            """,
            cancellationToken);
        await db.Skills.Where(skill => skill.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
