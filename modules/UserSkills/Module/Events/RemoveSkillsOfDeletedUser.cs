using Modular.Users.Contracts;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills.Events;

internal sealed class RemoveSkillsOfDeletedUser(UserSkillsDbContext db) : INotificationHandler<UserDeleted>
{
    public async Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        // The tombstone first: it waits for a write in flight and refuses those that come later.
        await db.BuryOwnerAsync(notification.UserId, cancellationToken);
        await db.Skills.Where(skill => skill.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
