using Npgsql;

namespace Modular.Host.Persistence;

/// <summary>Held by the server that brings the schemas to its version, until it says so: one at a time does it.</summary>
internal static class MigrationLock
{
    /// <summary>Any number, as long as nothing else in this database uses it.</summary>
    private const long Number = 0x4d6f64_4d696772;

    /// <summary>Waits for as long as another server takes.</summary>
    internal static Task TakeAsync(NpgsqlConnection owner, CancellationToken ct) => ExecuteAsync(owner, $"select pg_advisory_lock({Number})", ct);

    internal static Task ReleaseAsync(NpgsqlConnection owner, CancellationToken ct) => ExecuteAsync(owner, $"select pg_advisory_unlock({Number})", ct);

    /// <summary>Whether the lock, which the owner's connection holds, is free as this connection sees it: then the two are in different databases.</summary>
    internal static async Task<bool> IsFreeForAsync(NpgsqlConnection serving, CancellationToken ct)
    {
        await using var free = new NpgsqlCommand($"select pg_try_advisory_lock_shared({Number})", serving);
        if (!(bool)(await free.ExecuteScalarAsync(ct))!)
        {
            return false;
        }

        await ExecuteAsync(serving, $"select pg_advisory_unlock_shared({Number})", ct);
        return true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}
