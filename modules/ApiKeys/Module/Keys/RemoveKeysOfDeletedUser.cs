using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Keys;

internal sealed class RemoveKeysOfDeletedUser(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserDeleted>
{
    public Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        changes.OfUser(notification.UserId, async ct =>
        {
            // The tombstone first: it refuses keys that come later. Keys that were being made have been waited for.
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into api_keys.owners (user_id, username, status, roles, organization_roles, deleted)
                values ({notification.UserId}, '', '', array[]::text[], array[]::text[], true)
                on conflict (user_id) do update set deleted = true
                """,
                ct);

            // Ids and hashes stay for the retention time, so that a holder is told; nothing else of a user who is gone.
            await db.Database.ExecuteSqlAsync(
                $"""
                update api_keys.keys
                set revoked_at = coalesce(revoked_at, {notification.OccurredAt}), token_name = '', user_agent = '', ip_address = '0.0.0.0', scopes = array[]::text[],
                    allow_list = array['*:*'], last_used = null, former_hash = null, former_until = null, former_use_told_at = null
                where user_id = {notification.UserId}
                """,
                ct);
        });
        return Task.CompletedTask;
    }
}
