using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RemoveKeysWhenPasswordChanges(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserPasswordChanged>
{
    public async Task Handle(UserPasswordChanged notification, CancellationToken cancellationToken)
    {
        // Waits for a key that is being made: nothing authenticated before the change outlives it.
        await db.LockOwnerAsync(notification.UserId, cancellationToken);
        changes.OfUser(notification.UserId);
        await db.Keys
            .Where(key => key.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(key => key.RevokedAt, notification.OccurredAt), cancellationToken);
    }
}
