using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RemoveKeysOfDeletedUser(ApiKeysDbContext db) : INotificationHandler<UserDeleted>
{
    public async Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        // The tombstone first: it waits for a key that is being made and refuses those that come later.
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into api_keys.owners (user_id, username, status, roles, organization_roles, deleted)
            values ({notification.UserId}, '', '', array[]::text[], array[]::text[], true)
            on conflict (user_id) do update set deleted = true
            """,
            cancellationToken);
        await db.Keys.Where(key => key.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
