using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Modular.Host.Persistence;

/// <summary>A lock for each plug-in that a server runs with. It goes with the connection, however the server ends.</summary>
internal static class PluginLock
{
    /// <summary>Any number, as long as nothing else in this database uses it.</summary>
    private const int Space = 0x4d6f_6470;

    /// <summary>Holds the plug-in's lock, as other servers do too, for as long as the connection is open.</summary>
    internal static async Task HoldPluginAsync(this NpgsqlConnection connection, string plugin, CancellationToken ct)
    {
        await using var hold = new NpgsqlCommand("select pg_advisory_lock_shared($1, hashtext($2))", connection)
        {
            Parameters = { new() { Value = Space }, new() { Value = plugin } },
        };
        await hold.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Takes the plug-in's lock for the transaction; false while a server runs with the plug-in.</summary>
    internal static async Task<bool> TryLockPluginAsync(this HostDbContext db, string plugin, CancellationToken ct) =>
        (await db.Database.SqlQuery<bool>($"select pg_try_advisory_xact_lock({Space}, hashtext({plugin})) as \"Value\"").ToListAsync(ct)).Single();
}
