using Microsoft.EntityFrameworkCore;
using Modular.Host.Lifetime;
using Modular.Host.Persistence;
using Modular.Host.Plugins;
using Modular.Host.Server.Routes;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.Host.Startup;

/// <summary>Makes the database fit this program: schemas of its version, and rights for the role that serves requests.</summary>
internal static partial class SchemaMigrations
{
    /// <summary>
    /// Brings every module's schema to this program's version. One server at a time does it, however many start at once.
    /// </summary>
    /// <exception cref="StartupException">The database cannot be reached, is too old, has been used by a newer program, or refuses a change.</exception>
    /// <exception cref="PluginFailedException">A plug-in's schema cannot be brought to its version; all others have been.</exception>
    internal static async Task RunAsync(IServiceProvider services, CancellationToken ct)
    {
        var database = services.GetRequiredService<ModularDatabase>();
        await using var owner = await database.ConnectOwnerAsync(ct);
        await using var serving = await ModularDatabase.ConnectAsync(services.GetRequiredService<NpgsqlDataSource>(), ct);
        if (database.DataFolder is null)
        {
            await RequireSessionsAsync(services, database, owner, serving, ct);
        }

        await MigrationLock.TakeAsync(owner, ct);
        await RequireSameDatabaseAsync(serving, ct);
        var own = services.GetServices<ModuleContext>().Where(context => !PluginLoadContext.Owns(context.Type)).ToArray();
        foreach (var context in own)
        {
            await MigrateAsync(services, context, owner, ct);
        }

        await using var scope = services.CreateAsyncScope();
        var host = scope.ServiceProvider.GetRequiredService<HostDbContext>();
        host.Database.SetDbConnection(owner);
        services.GetRequiredService<DeploymentId>().Value = (await host.Deployments.Select(deployment => deployment.Id).SingleAsync(ct)).ToString();
        if (services.GetService<PluginSet>() is { } plugins)
        {
            await host.NoteLeftOffAsync(plugins.LeftOff, services.GetRequiredService<TimeProvider>().GetUtcNow(), ct);
            await PluginMigrations.RunAsync(services, ct);
        }

        await GrantAsync(services, owner, serving, ct);
        await MigrationLock.ReleaseAsync(owner, ct);
    }

    private static async Task MigrateAsync(IServiceProvider services, ModuleContext context, NpgsqlConnection owner, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var db = (DbContext)scope.ServiceProvider.GetRequiredService(context.Type);
        db.Database.SetDbConnection(owner);
        var known = db.Database.GetMigrations().ToHashSet();
        try
        {
            var applied = await db.Database.GetAppliedMigrationsAsync(ct);
            if (applied.FirstOrDefault(migration => !known.Contains(migration)) is { } newer)
            {
                throw new StartupException(
                    $"The database has been used by a newer version of Modular (schema {context.Schema} has {newer}); start that version.");
            }

            db.Database.SetCommandTimeout(0); // An index of a million users takes as long as it takes.
            await db.Database.MigrateAsync(ct);
        }
        catch (Exception failed) when (DatabaseRefusal.Of(failed) is { } refused)
        {
            var remedy = refused.SqlState == PostgresErrorCodes.InsufficientPrivilege
                ? $"let the role of {ConnectionStrings.NameOf(ConnectionStrings.Owner)} be the one that owns the database and its schemas"
                : refused.Hint?.TrimEnd('.') ?? "the database's log says more";
            throw new StartupException(
                $"The database's schema {context.Schema} cannot be brought to this version: {refused.MessageText.TrimEnd('.')}; {remedy}.");
        }
    }

    /// <summary>Both roles, if there are two, must have sessions.</summary>
    private static async Task RequireSessionsAsync(
        IServiceProvider services, ModularDatabase database, NpgsqlConnection owner, NpgsqlConnection serving, CancellationToken ct)
    {
        if (database.HasOneRole)
        {
            await SessionCheck.RequireAsync(owner, serving, ConnectionStrings.Serving, ct);
            return;
        }

        await using var anotherServing = await ModularDatabase.ConnectAsync(services.GetRequiredService<NpgsqlDataSource>(), ct);
        await SessionCheck.RequireAsync(serving, anotherServing, ConnectionStrings.Serving, ct);
        await using var anotherOwner = await database.ConnectOwnerAsync(ct);
        await SessionCheck.RequireAsync(owner, anotherOwner, ConnectionStrings.Owner, ct);
    }

    /// <summary>What one role holds locked the other finds locked, if both are in the same database.</summary>
    private static async Task RequireSameDatabaseAsync(NpgsqlConnection serving, CancellationToken ct)
    {
        if (await MigrationLock.IsFreeForAsync(serving, ct))
        {
            throw new StartupException(
                $"{ConnectionStrings.NameOf(ConnectionStrings.Serving)} and {ConnectionStrings.NameOf(ConnectionStrings.Owner)} name different databases; let both name the same.");
        }
    }

    private static async Task GrantAsync(IServiceProvider services, NpgsqlConnection owner, NpgsqlConnection serving, CancellationToken ct)
    {
        var contexts = services.GetServices<ModuleContext>().ToArray();
        try
        {
            await ServingRights.GrantAsync(owner, serving, contexts, ct);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new StartupException(
                $"The role that serves requests cannot be given its rights: {refused.MessageText.TrimEnd('.')}; let the role of {ConnectionStrings.NameOf(ConnectionStrings.Owner)} be the one that owns the schemas.");
        }

        if (await ServingRights.OwnerOfAnythingAsync(serving, contexts, ct) is { } role)
        {
            OneRole(services.GetRequiredService<ILogger<ModularDatabase>>(), role, ConnectionStrings.NameOf(ConnectionStrings.Owner), ConnectionStrings.NameOf(ConnectionStrings.Serving));
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The role {Role} serves requests and can act as the owner of the tables, so that a takeover of the server could rewrite what has been recorded: give {OwnerSetting} the owner's connection string, and {ServingSetting} that of a role that owns nothing (docs/database.md).")]
    private static partial void OneRole(ILogger logger, string role, string ownerSetting, string servingSetting);
}
