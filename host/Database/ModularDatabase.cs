using Microsoft.EntityFrameworkCore;
using Modular.Host.Features;
using Modular.Host.Persistence;
using Modular.Host.Plugins;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.Host.Database;

/// <summary>
/// The database this server works on: the operator's, or a private one of its own when no connection string is given. It is
/// there before the first request and goes last.
/// </summary>
internal sealed class ModularDatabase(IConfiguration configuration, ILoggerFactory logs, TimeProvider clock)
{
    private const int OldestServer = 15;

    /// <summary>Any number, as long as nothing else in this database uses it.</summary>
    private const long MigrationLock = 0x4d6f64_4d696772;

    private BuiltInPostgres? builtIn;
    private string? connectionString;

    /// <summary>Where the built-in database and its keys live; null when the operator gave a connection string.</summary>
    internal string? DataFolder { get; private set; }

    /// <summary>In Npgsql's form. The built-in database has one once it is started.</summary>
    internal string ConnectionString => connectionString ??= Complete(Given ?? builtIn?.ConnectionString
        ?? throw new InvalidOperationException("The built-in database has not been started."));

    /// <summary>Where this server keeps what is not in its database.</summary>
    internal static string DataFolderOf(IConfiguration configuration) =>
        Path.GetFullPath(configuration["MODULAR_DATA"] is { Length: > 0 } folder ? folder : ".modular");

    private string? Given => configuration.GetConnectionString("Modular") is { Length: > 0 } given ? given : null;

    /// <summary>Starts the built-in database if there is no other.</summary>
    /// <exception cref="StartupException">It cannot be started.</exception>
    internal async Task StartAsync(CancellationToken ct)
    {
        if (Given is null)
        {
            DataFolder = DataFolderOf(configuration);
            builtIn = await BuiltInPostgres.StartAsync(DataFolder, logs.CreateLogger<BuiltInPostgres>(), clock, ct);
        }
    }

    /// <summary>
    /// For a command beside the server: finds the built-in database where a running server keeps it, else starts it. False if there is none
    /// yet.
    /// </summary>
    /// <exception cref="StartupException">It cannot be started.</exception>
    internal async Task<bool> ReachAsync(CancellationToken ct)
    {
        if (Given is null && !BuiltInPostgres.IsIn(DataFolderOf(configuration)))
        {
            return false;
        }

        if (Given is null && await BuiltInPostgres.OfRunningServerAsync(DataFolderOf(configuration), logs.CreateLogger<BuiltInPostgres>(), ct) is { } running)
        {
            connectionString = Complete(running);
            return true;
        }

        await StartAsync(ct);
        return true;
    }

    /// <summary>Stops the built-in database, if it is that. The last thing a server does: everything else may still need it.</summary>
    internal async Task StopAsync()
    {
        if (builtIn is not null)
        {
            await builtIn.DisposeAsync();
        }
    }

    /// <summary>
    /// Brings every module's schema to this program's version. One server at a time does it, however many start at once.
    /// </summary>
    /// <exception cref="StartupException">The database cannot be reached, is too old, has been used by a newer program, or refuses a change.</exception>
    /// <exception cref="PluginFailedException">A plug-in's schema cannot be brought to its version; all others have been.</exception>
    internal static async Task MigrateAsync(IServiceProvider services, CancellationToken ct)
    {
        await using var guard = await ConnectAsync(services.GetRequiredService<NpgsqlDataSource>(), ct);
        await ExecuteAsync(guard, $"select pg_advisory_lock({MigrationLock})", ct);
        foreach (var context in services.GetServices<ModuleContext>().Where(context => !PluginLoadContext.Owns(context.Type)))
        {
            await using var scope = services.CreateAsyncScope();
            var db = (DbContext)scope.ServiceProvider.GetRequiredService(context.Type);
            var known = db.Database.GetMigrations().ToHashSet();
            var applied = await db.Database.GetAppliedMigrationsAsync(ct);
            if (applied.FirstOrDefault(migration => !known.Contains(migration)) is { } newer)
            {
                throw new StartupException(
                    $"The database has been used by a newer version of Modular (schema {context.Schema} has {newer}); start that version.");
            }

            try
            {
                db.Database.SetCommandTimeout(0); // An index of a million users takes as long as it takes.
                await db.Database.MigrateAsync(ct);
            }
            catch (Exception failed) when (DatabaseRefusal.Of(failed) is { } refused)
            {
                var remedy = refused.SqlState == PostgresErrorCodes.InsufficientPrivilege
                    ? "let the database's owner do that once, or give this role the right to"
                    : refused.Hint?.TrimEnd('.') ?? "the database's log says more";
                throw new StartupException(
                    $"The database's schema {context.Schema} cannot be brought to this version: {refused.MessageText.TrimEnd('.')}; {remedy}.");
            }
        }

        await using var deployment = new NpgsqlCommand($"select id::text from {HostDbContext.SchemaName}.deployment", guard);
        services.GetRequiredService<DeploymentId>().Value = (string)(await deployment.ExecuteScalarAsync(ct))!;
        if (services.GetService<PluginSet>() is { } plugins)
        {
            await PluginRecords.NoteAsync(guard, plugins, services.GetRequiredService<TimeProvider>().GetUtcNow(), ct);
            await PluginMigrations.RunAsync(services, ct);
        }

        await ExecuteAsync(guard, $"select pg_advisory_unlock({MigrationLock})", ct);
    }

    /// <exception cref="StartupException">The database cannot be reached, or is too old.</exception>
    internal static async Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource dataSource, CancellationToken ct)
    {
        NpgsqlConnection connection;
        try
        {
            connection = await dataSource.OpenConnectionAsync(ct);
        }
        catch (Exception refused) when (refused is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
            var why = refused is PostgresException answered ? answered.MessageText : (refused.InnerException ?? refused).Message;
            throw new StartupException(
                $"The database '{settings.Database}' at {settings.Host}:{settings.Port} cannot be used: {why.TrimEnd('.')}. Check ConnectionStrings__Modular.");
        }

        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            var version = connection.PostgreSqlVersion;
            await connection.DisposeAsync();
            throw new StartupException($"The database is PostgreSQL {version}; Modular needs {OldestServer} or newer.");
        }

        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.CommandTimeout = 0; // Another server may be migrating; that takes as long as it takes.
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Takes Npgsql's form or a <c>postgres://</c> address, and prepares statements by itself.</summary>
    private static string Complete(string text)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal)
                ? FromAddress(new Uri(text))
                : new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            throw new StartupException("ConnectionStrings__Modular cannot be read; write Host=…;Database=…;Username=…;Password=… or postgres://user:password@host/database.");
        }

        settings.ApplicationName ??= "Modular";
        if (settings.MaxAutoPrepare == 0)
        {
            settings.MaxAutoPrepare = 100;
        }

        return settings.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder FromAddress(Uri address)
    {
        var settings = new NpgsqlConnectionStringBuilder { Host = address.Host, Database = Uri.UnescapeDataString(address.AbsolutePath.Trim('/')) };
        if (address.Port > 0)
        {
            settings.Port = address.Port;
        }

        if (address.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var password])
        {
            settings.Username = Uri.UnescapeDataString(user);
            settings.Password = password is [{ } secret] ? Uri.UnescapeDataString(secret) : null;
        }

        foreach (var (key, values) in Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(address.Query))
        {
            settings[key == "sslmode" ? "SSL Mode" : key] = values.ToString().Replace("-", "", StringComparison.Ordinal);
        }

        return settings;
    }
}
