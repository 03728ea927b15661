using Npgsql;

namespace Modular.ApiKeys.Persistence;

/// <summary>A key with its owner, as both stand in the database; deleted ones too.</summary>
internal sealed class StoredKey
{
    internal required byte[] HashedSecret { get; init; }

    internal required DateTimeOffset ExpiresAt { get; init; }

    internal required DateTimeOffset? EndsAt { get; init; }

    internal required DateTimeOffset? LastUsed { get; init; }

    internal required long LifetimeSeconds { get; init; }

    internal required string LoginType { get; init; }

    internal required string[] Scopes { get; init; }

    internal required string[] AllowList { get; init; }

    internal required byte[]? FormerHash { get; init; }

    internal required DateTimeOffset? FormerUntil { get; init; }

    /// <summary>Whether the key was deleted, or its owner.</summary>
    internal required bool IsRevoked { get; init; }

    internal required Guid OwnerId { get; init; }

    internal required string Username { get; init; }

    internal required string Status { get; init; }

    /// <summary>Site roles, and the full names of organization roles.</summary>
    internal required string[] Roles { get; init; }

    internal required long Epoch { get; init; }
}

/// <summary>
/// Finds the key of a request. It is asked outside of the request's scope and more often than anything else, so it does without a context.
/// </summary>
internal static class KeyLookup
{
    private const string ByKeyId = """
        select k.hashed_secret, k.expires_at, k.ends_at, k.last_used, k.lifetime_seconds, k.login_type, k.scopes, k.allow_list,
               k.former_hash, k.former_until, o.deleted or k.revoked_at is not null,
               o.user_id, o.username, o.status, o.roles || o.organization_roles, o.epoch
        from api_keys.keys k join api_keys.owners o on o.user_id = k.user_id
        where k.id = $1
        """;

    /// <summary>Null for an id that no key has.</summary>
    internal static async Task<StoredKey?> FindKeyAsync(this NpgsqlDataSource dataSource, string id, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(ByKeyId);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct))
        {
            return null;
        }

        return new StoredKey
        {
            HashedSecret = row.GetFieldValue<byte[]>(0),
            ExpiresAt = row.GetFieldValue<DateTimeOffset>(1),
            EndsAt = row.GetFieldValue<DateTimeOffset?>(2),
            LastUsed = row.GetFieldValue<DateTimeOffset?>(3),
            LifetimeSeconds = row.GetInt64(4),
            LoginType = row.GetString(5),
            Scopes = row.GetFieldValue<string[]>(6),
            AllowList = row.GetFieldValue<string[]>(7),
            FormerHash = row.IsDBNull(8) ? null : row.GetFieldValue<byte[]>(8),
            FormerUntil = row.GetFieldValue<DateTimeOffset?>(9),
            IsRevoked = row.GetBoolean(10),
            OwnerId = row.GetGuid(11),
            Username = row.GetString(12),
            Status = row.GetString(13),
            Roles = row.GetFieldValue<string[]>(14),
            Epoch = row.GetInt64(15),
        };
    }
}
