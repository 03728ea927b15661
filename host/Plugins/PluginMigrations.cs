using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Modular.Host.Persistence;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.Host.Plugins;

/// <summary>
/// Brings the schema of each plug-in to its version: all its migrations, and the record of what is its own, are one transaction. What
/// fails leaves the database as it was.
/// </summary>
internal static class PluginMigrations
{
    /// <exception cref="PluginFailedException">Plug-ins that could not be brought to their version; the others have been.</exception>
    internal static async Task RunAsync(IServiceProvider services, CancellationToken ct)
    {
        var failed = new Dictionary<string, string>();
        foreach (var plugin in services.GetRequiredService<PluginSet>().Running)
        {
            try
            {
                await MigrateAsync(services, plugin, ct);
            }
            catch (Exception failure)
            {
                if (failure is not PluginRefusedException && await IsServersOwnAsync(failure, services, ct))
                {
                    throw;
                }

                failed[plugin.Name] = failure is PluginRefusedException ? failure.Message : $"its schema cannot be made: {PluginFailure.Reason(failure)}";
            }
        }

        if (failed.Count > 0)
        {
            throw new PluginFailedException(failed);
        }
    }

    /// <summary>A database that goes away in the middle is no fault of the plug-in, unless it is still there: then a migration cut its own connection.</summary>
    private static async Task<bool> IsServersOwnAsync(Exception failure, IServiceProvider services, CancellationToken ct)
    {
        if (ct.IsCancellationRequested || !DatabaseRefusal.IsAway(failure))
        {
            return ct.IsCancellationRequested;
        }

        try
        {
            await using var probe = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(ct);
            return false;
        }
        catch (Exception away) when (DatabaseRefusal.IsAway(away))
        {
            return true;
        }
    }

    private static async Task MigrateAsync(IServiceProvider services, Plugin plugin, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        await using var connection = await services.GetRequiredService<ModularDatabase>().ConnectOwnerAsync(ct);
        var contexts = services.GetServices<ModuleContext>().Where(context => context.Type.Assembly == plugin.Entry.GetType().Assembly).ToArray();
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await PluginRecords.ClaimAsync(connection, plugin, contexts.Length > 0, services.GetRequiredService<TimeProvider>().GetUtcNow(), ct);
        foreach (var context in contexts)
        {
            var db = (DbContext)scope.ServiceProvider.GetRequiredService(context.Type);
            db.Database.SetDbConnection(connection);
            await db.Database.UseTransactionAsync(transaction, ct);
            await MakeHistoryAsync(db, connection, context.Schema, ct);
            if ((await db.Database.GetAppliedMigrationsAsync(ct)).Except(db.Database.GetMigrations()).FirstOrDefault() is { } newer)
            {
                throw new PluginRefusedException($"its schema has been used by a newer version of it, which added {newer}; install that version");
            }

            db.Database.SetCommandTimeout(0); // As long as it takes.
            await db.Database.MigrateAsync(ct);
        }

        await RequireOwnTablesAsync(connection, plugin, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>The provider asks a history that is not there, and takes the error for the answer. In a transaction, that would be its end.</summary>
    private static async Task MakeHistoryAsync(DbContext db, NpgsqlConnection connection, string schema, CancellationToken ct)
    {
        var script = $"create schema if not exists {new NpgsqlCommandBuilder().QuoteIdentifier(schema)};\n{db.GetService<IHistoryRepository>().GetCreateIfNotExistsScript()}";
        await using var make = new NpgsqlCommand(script, connection);
        await make.ExecuteNonQueryAsync(ct);
    }

    /// <summary>What a migration has changed it still holds locked. Only tables of its own schema may be among that.</summary>
    private static async Task RequireOwnTablesAsync(NpgsqlConnection connection, Plugin plugin, CancellationToken ct)
    {
        await using var foreign = new NpgsqlCommand(
            """
            select min(n.nspname || '.' || c.relname)
            from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
            where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode not in ('AccessShareLock', 'RowShareLock')
              and n.nspname not in ($1, 'pg_catalog', 'pg_toast') and (n.nspname, c.relname) <> ('host', 'plugins')
              and not (n.nspname = 'host' and c.relname like 'plugins\_%')
            """,
            connection)
        {
            Parameters = { new() { Value = plugin.Module.Schema } },
        };
        if (await foreign.ExecuteScalarAsync(ct) is string table)
        {
            throw new PluginRefusedException($"a migration of it changes {table}, which is not in its schema {plugin.Module.Schema}");
        }
    }
}
