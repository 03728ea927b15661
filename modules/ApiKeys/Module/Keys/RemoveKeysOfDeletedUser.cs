using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Keys;

internal sealed class RemoveKeysOfDeletedUser(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserDeleted>
{
    public Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        changes.OfUser(notification.UserId, async ct =>
        {
            // The guard row first: keys that were being made are waited for, and those that come later refused.
            await db.BuryOwnerAsync(notification.UserId, ct);
            await db.RevokeAndEmptyAsync(notification.UserId, notification.OccurredAt, ct);
        });
        return Task.CompletedTask;
    }
}
