using Modular.ApiKeys.Domain;

namespace Modular.ApiKeys.Persistence;

/// <summary>Keys that end soon or ended long ago, some at a time. Servers that look at the same time find different ones.</summary>
internal static class ExpiringKeys
{
    /// <summary>
    /// Locks tokens that end within the days and have not been told of that. A notice of fewer days has been given already where the number
    /// is smaller; a token that never lived so long before its end is passed over.
    /// </summary>
    internal static Task<List<ApiKey>> LockExpiringTokensAsync(this ApiKeysDbContext db, int days, DateTimeOffset now, int count, CancellationToken ct)
    {
        var before = TimeSpan.FromDays(days);
        return db.Keys
            .FromSql(
                $"""
                select * from api_keys.keys
                where expires_at > {now} and expires_at <= {now + before} and login_type = 'token' and revoked_at is null
                  and (noticed_days = 0 or noticed_days > {days}) and created_at < expires_at - {before}
                order by expires_at limit {count} for no key update skip locked
                """)
            .ToListAsync(ct);
    }

    /// <summary>Deletes the rows of keys that expired or were deleted before the time, and answers how many.</summary>
    internal static Task<int> PurgeKeysAsync(this ApiKeysDbContext db, DateTimeOffset before, int count, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync(
            $"""
            delete from api_keys.keys where id in (
                select id from api_keys.keys where expires_at < {before} or revoked_at < {before} limit {count} for update skip locked)
            """,
            ct);
}
