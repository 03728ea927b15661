using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Owners;

internal sealed class RememberOrganizationRoles(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserMembershipsChanged>
{
    public Task Handle(UserMembershipsChanged notification, CancellationToken cancellationToken)
    {
        var roles = notification.OrganizationRoles.ToList();
        changes.OfUser(notification.UserId, ct => db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.OrganizationRoles, roles), ct));
        return Task.CompletedTask;
    }
}
