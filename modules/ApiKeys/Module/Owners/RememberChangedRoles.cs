using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Owners;

internal sealed class RememberChangedRoles(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserRolesChanged>
{
    public Task Handle(UserRolesChanged notification, CancellationToken cancellationToken)
    {
        var roles = notification.Roles.ToList();
        changes.OfUser(notification.UserId, ct => db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Roles, roles), ct));
        return Task.CompletedTask;
    }
}
