using Modular.ApiKeys.Contracts;
using Modular.Users.Persistence;

namespace Modular.Users.Dormancy;

internal sealed class WakeDormantUserWhenSeen(UsersDbContext db, IIntegrationEvents events) : INotificationHandler<DormantUserSeen>
{
    public async Task Handle(DormantUserSeen notification, CancellationToken cancellationToken)
    {
        // Two requests at once: the second finds the user awake.
        if (await db.LockUsersAsync([notification.UserId], cancellationToken) is [{ Deleted: false, Status: AccountStatus.Dormant } user])
        {
            await DormantUsers.EndAsync(user, db, events, notification.OccurredAt, cancellationToken);
        }
    }
}
