using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Owners;

internal sealed class RememberChangedStatus(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserStatusChanged>
{
    public Task Handle(UserStatusChanged notification, CancellationToken cancellationToken)
    {
        changes.OfUser(notification.UserId, ct => db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Status, notification.Status), ct));
        return Task.CompletedTask;
    }
}
