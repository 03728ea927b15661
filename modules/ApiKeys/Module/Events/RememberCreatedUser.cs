using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberCreatedUser(ApiKeysDbContext db) : INotificationHandler<UserCreated>
{
    public Task Handle(UserCreated notification, CancellationToken cancellationToken) => db.Database.ExecuteSqlAsync(
        $"""
        insert into api_keys.owners (user_id, username, status, roles, organization_roles, deleted)
        values (
            {notification.UserId}, {notification.Username}, {notification.Status}, {notification.Roles.ToArray()},
            {notification.OrganizationRoles.ToArray()}, false)
        on conflict (user_id) do nothing
        """,
        cancellationToken);
}
