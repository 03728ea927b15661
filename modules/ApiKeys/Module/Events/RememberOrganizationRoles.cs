using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberOrganizationRoles(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserMembershipsChanged>
{
    public async Task Handle(UserMembershipsChanged notification, CancellationToken cancellationToken)
    {
        changes.OfUser(notification.UserId);
        var roles = notification.OrganizationRoles.ToList();
        await db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.OrganizationRoles, roles), cancellationToken);
    }
}
