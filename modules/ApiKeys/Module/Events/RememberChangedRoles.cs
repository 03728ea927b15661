using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberChangedRoles(ApiKeysDbContext db) : INotificationHandler<UserRolesChanged>
{
    public Task Handle(UserRolesChanged notification, CancellationToken cancellationToken)
    {
        var roles = notification.Roles.ToList();
        return db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Roles, roles), cancellationToken);
    }
}
