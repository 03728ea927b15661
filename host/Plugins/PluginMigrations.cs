using Microsoft.EntityFrameworkCore;
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
        var host = await OnAsync(scope.ServiceProvider.GetRequiredService<HostDbContext>(), connection, transaction, ct);
        await ClaimAsync(host, plugin, contexts.Length > 0, services.GetRequiredService<TimeProvider>().GetUtcNow(), ct);
        foreach (var context in contexts)
        {
            var db = await OnAsync((DbContext)scope.ServiceProvider.GetRequiredService(context.Type), connection, transaction, ct);
            await db.MakeHistoryAsync(context.Schema, ct);
            if ((await db.Database.GetAppliedMigrationsAsync(ct)).Except(db.Database.GetMigrations()).FirstOrDefault() is { } newer)
            {
                throw new PluginRefusedException($"its schema has been used by a newer version of it, which added {newer}; install that version");
            }

            db.Database.SetCommandTimeout(0); // As long as it takes.
            await db.Database.MigrateAsync(ct);
        }

        if (await host.ChangedOutsideOfAsync(plugin.Module.Schema, ct) is { } table)
        {
            throw new PluginRefusedException($"a migration of it changes {table}, which is not in its schema {plugin.Module.Schema}");
        }

        await transaction.CommitAsync(ct);
    }

    /// <summary>Lets the context work in the transaction of the plug-in's migrations.</summary>
    private static async Task<TContext> OnAsync<TContext>(TContext db, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
        where TContext : DbContext
    {
        db.Database.SetDbConnection(connection);
        await db.Database.UseTransactionAsync(transaction, ct);
        return db;
    }

    /// <summary>Notes what the plug-in owns, in the transaction that makes it.</summary>
    /// <exception cref="PluginRefusedException">It belongs to another module or plug-in.</exception>
    private static async Task ClaimAsync(HostDbContext host, Plugin plugin, bool hasSchema, DateTimeOffset now, CancellationToken ct)
    {
        var module = plugin.Module;
        var all = await host.KnownPluginsAsync(ct);
        if (all.Find(other => other.Name != plugin.Name && (other.Flag == module.FeatureFlag || (hasSchema && other.Schema == module.Schema))) is { } owner)
        {
            throw new PluginRefusedException(
                $"its schema or its feature flag is kept for the plug-in {owner.Name}; if that is gone for good, run: ./run plugins purge {owner.Name}");
        }

        var known = all.Find(record => record.Name == plugin.Name)?.Schema;
        if (known is not null && known != module.Schema)
        {
            throw new PluginRefusedException($"its data is in the schema '{known}', and now it names '{module.Schema}'");
        }

        if (hasSchema && known is null && await host.HasSchemaAsync(module.Schema, ct))
        {
            throw new PluginRefusedException($"the database has a schema '{module.Schema}' already, which is not its own");
        }

        await host.ClaimForPluginAsync(plugin.Name, plugin.Version, hasSchema ? module.Schema : null, module.FeatureFlag, now, ct);
    }
}
