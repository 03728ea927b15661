using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace Modular.Host.Persistence;

/// <summary>Schemas that plug-ins bring.</summary>
internal static class PluginSchemas
{
    /// <summary>Whether the database has the schema, by whatever made it.</summary>
    internal static Task<bool> HasSchemaAsync(this HostDbContext db, string schema, CancellationToken ct) =>
        db.Database.SqlQuery<bool>($"select exists (select from pg_namespace where nspname = {schema}) as \"Value\"").SingleAsync(ct);

    /// <summary>
    /// Makes the schema of a plug-in's context, and in it the history of migrations. The provider asks a history that is not there, and takes
    /// the error for the answer: in a transaction, that would be its end.
    /// </summary>
    internal static Task MakeHistoryAsync(this DbContext db, string schema, CancellationToken ct)
    {
        var script = $"create schema if not exists {Quoted(db, schema)};\n{db.GetService<IHistoryRepository>().GetCreateIfNotExistsScript()}";
        return db.Database.ExecuteSqlRawAsync(script, ct);
    }

    /// <summary>
    /// A table outside of the schema that this transaction has changed, or null: what a migration has changed it still holds locked. The record
    /// of plug-ins is the server's own to write.
    /// </summary>
    internal static Task<string?> ChangedOutsideOfAsync(this HostDbContext db, string schema, CancellationToken ct) =>
        db.Database.SqlQuery<string?>(
            $"""
            select min(n.nspname || '.' || c.relname) as "Value"
            from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
            where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode not in ('AccessShareLock', 'RowShareLock')
              and n.nspname not in ({schema}, 'pg_catalog', 'pg_toast') and (n.nspname, c.relname) <> ('host', 'plugins')
              and not (n.nspname = 'host' and (c.relname = 'pk_plugins' or c.relname like 'plugins\_%'))
            """).SingleAsync(ct);

    /// <summary>Drops the schema with all that is in it.</summary>
    internal static Task DropSchemaAsync(this HostDbContext db, string schema, CancellationToken ct)
    {
        var drop = $"drop schema if exists {Quoted(db, schema)} cascade";
        return db.Database.ExecuteSqlRawAsync(drop, ct);
    }

    private static string Quoted(DbContext db, string name) => db.GetService<ISqlGenerationHelper>().DelimitIdentifier(name);
}
