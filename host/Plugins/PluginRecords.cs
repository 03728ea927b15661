using Npgsql;

namespace Modular.Host.Plugins;

/// <summary>What is known of a plug-in, installed or not.</summary>
/// <param name="Name">Of the plug-in.</param>
/// <param name="Version">The one that was last seen.</param>
/// <param name="Schema">The schema that holds its data; null when it has none.</param>
/// <param name="Flag">Its feature flag; null when it has never run.</param>
/// <param name="LeftOff">Why the server that started last left it off; null when it did not.</param>
internal sealed record PluginRecord(string Name, string Version, string? Schema, string? Flag, string? LeftOff);

/// <summary>
/// What the database remembers of plug-ins, in <c>host.plugins</c>: whose a schema is, and what became of each at the last start.
/// </summary>
internal static class PluginRecords
{
    /// <summary>Notes what the plug-in owns, in the transaction that makes it.</summary>
    /// <exception cref="PluginRefusedException">It is somebody else's.</exception>
    internal static async Task ClaimAsync(NpgsqlConnection connection, Plugin plugin, bool hasSchema, DateTimeOffset now, CancellationToken ct)
    {
        var module = plugin.Module;
        var all = await AllAsync(connection, ct);
        if (all.FirstOrDefault(other => other.Name != plugin.Name && (other.Flag == module.FeatureFlag || (hasSchema && other.Schema == module.Schema))) is { } owner)
        {
            throw new PluginRefusedException(
                $"its schema or its feature flag is kept for the plug-in {owner.Name}; if that is gone for good, run: ./run plugins purge {owner.Name}");
        }

        var known = all.FirstOrDefault(record => record.Name == plugin.Name)?.Schema;
        if (known is not null && known != module.Schema)
        {
            throw new PluginRefusedException($"its data is in the schema '{known}', and now it names '{module.Schema}'");
        }

        if (hasSchema && known is null)
        {
            await using var exists = new NpgsqlCommand("select exists (select from pg_namespace where nspname = $1)", connection)
            {
                Parameters = { new() { Value = module.Schema } },
            };
            if ((bool)(await exists.ExecuteScalarAsync(ct))!)
            {
                throw new PluginRefusedException($"the database has a schema '{module.Schema}' already, which is not its own");
            }
        }

        await using var claim = new NpgsqlCommand(
            """
            insert into host.plugins (name, version, schema, flag, seen_at) values ($1, $2, $3, $4, $5)
            on conflict (name) do update
            set version = excluded.version, schema = coalesce(excluded.schema, plugins.schema), flag = excluded.flag, left_off = null, seen_at = excluded.seen_at
            """,
            connection)
        {
            Parameters =
            {
                new() { Value = plugin.Name },
                new() { Value = plugin.Version },
                new() { Value = hasSchema ? module.Schema : DBNull.Value },
                new() { Value = module.FeatureFlag },
                new() { Value = now },
            },
        };
        await claim.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Notes what has been left off, and forgets what is neither installed nor has left anything.</summary>
    internal static async Task NoteAsync(NpgsqlConnection connection, PluginSet plugins, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var (name, reason) in plugins.LeftOff)
        {
            await using var note = new NpgsqlCommand(
                """
                insert into host.plugins (name, version, left_off, seen_at) values ($1, '', $2, $3)
                on conflict (name) do update set left_off = excluded.left_off, seen_at = excluded.seen_at
                """,
                connection)
            {
                Parameters = { new() { Value = name }, new() { Value = reason }, new() { Value = now } },
            };
            await note.ExecuteNonQueryAsync(ct);
        }

        await using var forget = new NpgsqlCommand("delete from host.plugins where flag is null and name <> all ($1)", connection)
        {
            Parameters = { new() { Value = plugins.LeftOff.Keys.ToArray() } },
        };
        await forget.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Every plug-in that the database remembers, by name.</summary>
    internal static async Task<IReadOnlyList<PluginRecord>> AllAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand("""select name, version, schema, flag, left_off from host.plugins order by name collate "C" """, connection);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var records = new List<PluginRecord>();
        while (await rows.ReadAsync(ct))
        {
            records.Add(new PluginRecord(rows.GetString(0), rows.GetString(1), Text(2), Text(3), Text(4)));
        }

        return records;

        string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
    }
}
