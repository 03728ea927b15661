using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberOrganizationRoles(ApiKeysDbContext db) : INotificationHandler<UserMembershipsChanged>
{
    public Task Handle(UserMembershipsChanged notification, CancellationToken cancellationToken)
    {
        var roles = notification.OrganizationRoles.ToList();
        return db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.OrganizationRoles, roles), cancellationToken);
    }
}
