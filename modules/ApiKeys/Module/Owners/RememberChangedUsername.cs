using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Owners;

internal sealed class RememberChangedUsername(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserProfileChanged>
{
    public Task Handle(UserProfileChanged notification, CancellationToken cancellationToken)
    {
        changes.OfUser(notification.UserId, ct => db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Username, notification.Username), ct));
        return Task.CompletedTask;
    }
}
