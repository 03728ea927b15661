using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberChangedRoles(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserRolesChanged>
{
    public async Task Handle(UserRolesChanged notification, CancellationToken cancellationToken)
    {
        changes.OfUser(notification.UserId);
        var roles = notification.Roles.ToList();
        await db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Roles, roles), cancellationToken);
    }
}
