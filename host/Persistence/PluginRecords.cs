using Microsoft.EntityFrameworkCore;
using Modular.Host.Plugins.Domain;
using Npgsql;

namespace Modular.Host.Persistence;

/// <summary>What the database remembers of plug-ins, in <c>host.plugins</c>.</summary>
internal static class PluginRecords
{
    /// <summary>Every plug-in that the database remembers, by name.</summary>
    internal static Task<List<PluginRecord>> KnownPluginsAsync(this HostDbContext db, CancellationToken ct) =>
        db.Plugins.AsNoTracking().OrderBy(plugin => EF.Functions.Collate(plugin.Name, "C")).ToListAsync(ct);

    /// <summary>Notes that a plug-in runs and what is its own. A schema that it once had stays its own.</summary>
    internal static Task ClaimForPluginAsync(
        this HostDbContext db, string name, string version, string? schema, string flag, DateTimeOffset now, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync(
            $"""
            insert into host.plugins (name, version, schema, flag, seen_at) values ({name}, {version}, {schema}, {flag}, {now})
            on conflict (name) do update
            set version = excluded.version, schema = coalesce(excluded.schema, plugins.schema), flag = excluded.flag, left_off = null, seen_at = excluded.seen_at
            """,
            ct);

    /// <summary>Notes which plug-ins have been left off, and why; forgets those that are neither installed nor have left anything.</summary>
    internal static async Task NoteLeftOffAsync(this HostDbContext db, IReadOnlyDictionary<string, string> leftOff, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var (name, reason) in leftOff)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into host.plugins (name, version, left_off, seen_at) values ({name}, '', {reason}, {now})
                on conflict (name) do update set left_off = excluded.left_off, seen_at = excluded.seen_at
                """,
                ct);
        }

        var names = leftOff.Keys.ToList();
        await db.Plugins.Where(plugin => plugin.Flag == null && !names.Contains(plugin.Name)).ExecuteDeleteAsync(ct);
    }

    /// <summary>False on a database that no server of this version has started on.</summary>
    internal static async Task<bool> ExistAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var exists = new NpgsqlCommand("select to_regclass('host.plugins') is not null", connection);
        return (bool)(await exists.ExecuteScalarAsync(ct))!;
    }
}
