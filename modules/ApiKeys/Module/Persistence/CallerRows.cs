using System.Data;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.ApiKeys.Persistence;

/// <summary>An owner's number, which grows with everything that ends a key or changes a right, and site roles.</summary>
internal readonly record struct OwnerNow(Guid UserId, long Epoch, string[] Roles);

/// <summary>What a key and its owner are now.</summary>
internal sealed class KeyNow
{
    internal required byte[] HashedSecret { get; init; }

    internal required byte[]? FormerHash { get; init; }

    internal required DateTimeOffset? FormerUntil { get; init; }

    internal required DateTimeOffset ExpiresAt { get; init; }

    internal required bool IsRevoked { get; init; }

    /// <summary>Whether this transaction has written the key's row: what it has done to the key was the caller's to do.</summary>
    internal required bool IsWrittenHere { get; init; }

    internal required string Status { get; init; }

    internal required bool IsOwnerDeleted { get; init; }

    /// <summary>Site roles, and the full names of organization roles.</summary>
    internal required string[] Roles { get; init; }
}

/// <summary>Reads of the caller what every command has to know, on the command's own connection and without a context, as each command asks.</summary>
internal static class CallerRows
{
    private const string Owners = """
        select user_id, epoch, roles from api_keys.owners where user_id in ($1, $2) order by user_id for key share
        """;

    private const string Key = """
        select k.hashed_secret, k.former_hash, k.former_until, k.expires_at, k.revoked_at is not null, k.xmin = pg_current_xact_id()::xid,
               o.status, o.deleted, o.roles || o.organization_roles
        from api_keys.keys k join api_keys.owners o on o.user_id = k.user_id
        where k.id = $1
        """;

    /// <summary>
    /// The rows of two users, or of one, locked: shared with other commands and with those that make keys. What ends keys waits for this
    /// lock, and makes it wait.
    /// </summary>
    internal static async Task<List<OwnerNow>> LockCallersAsync(this DbSession session, Guid callerId, Guid targetId, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Owners, session.Connection) { Parameters = { new() { Value = callerId }, new() { Value = targetId } } };
        await using var rows = await ReadAsync(command, ct);
        var owners = new List<OwnerNow>();
        while (await rows.ReadAsync(ct))
        {
            owners.Add(new OwnerNow(rows.GetGuid(0), rows.GetInt64(1), rows.GetFieldValue<string[]>(2)));
        }

        return owners;
    }

    /// <summary>Null for a key that is not there any more.</summary>
    internal static async Task<KeyNow?> ReadKeyNowAsync(this DbSession session, string id, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Key, session.Connection) { Parameters = { new() { Value = id } } };
        await using var row = await ReadAsync(command, ct);
        return !await row.ReadAsync(ct) ? null : new KeyNow
        {
            HashedSecret = row.GetFieldValue<byte[]>(0),
            FormerHash = row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1),
            FormerUntil = row.GetFieldValue<DateTimeOffset?>(2),
            ExpiresAt = row.GetFieldValue<DateTimeOffset>(3),
            IsRevoked = row.GetBoolean(4),
            IsWrittenHere = row.GetBoolean(5),
            Status = row.GetString(6),
            IsOwnerDeleted = row.GetBoolean(7),
            Roles = row.GetFieldValue<string[]>(8),
        };
    }

    /// <summary>Outside of a transaction the connection is opened for the one question.</summary>
    private static async Task<NpgsqlDataReader> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var isOurs = command.Connection!.State != ConnectionState.Open;
        if (isOurs)
        {
            await command.Connection.OpenAsync(ct);
        }

        return await command.ExecuteReaderAsync(isOurs ? CommandBehavior.CloseConnection : default, ct);
    }
}
