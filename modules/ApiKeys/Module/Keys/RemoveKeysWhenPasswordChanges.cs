using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Keys;

internal sealed class RemoveKeysWhenPasswordChanges(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserPasswordChanged>
{
    public Task Handle(UserPasswordChanged notification, CancellationToken cancellationToken)
    {
        // Keys that were being made have been waited for: nothing authenticated before the change outlives it.
        changes.OfUser(notification.UserId, ct => db.Keys.Where(key => key.UserId == notification.UserId).RevokeAsync(notification.OccurredAt, ct));
        return Task.CompletedTask;
    }
}
