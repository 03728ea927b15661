using Modular.Host.Lifetime;
using Modular.Host.Postgres;
using Npgsql;

namespace Modular.Host.Persistence;

/// <summary>
/// The database this server works on: the operator's, or a private one of its own when no connection string is given. It is
/// there before the first request and goes last.
/// </summary>
internal sealed class ModularDatabase(IConfiguration configuration, ILoggerFactory logs, TimeProvider clock)
{
    private const int OldestServer = 15;

    private BuiltInPostgres? builtIn;
    private string? connectionString;

    /// <summary>Where the built-in database and its keys live; null when the operator gave a connection string.</summary>
    internal string? DataFolder { get; private set; }

    /// <summary>How requests reach it, in Npgsql's form. The built-in database has one once it is started.</summary>
    internal string ConnectionString => connectionString ??= Given is { } given
        ? ConnectionStrings.ForRequests(given, ConnectionStrings.Serving)
        : ConnectionStrings.ForRequests(BuiltIn.ConnectionString, ConnectionStrings.Serving);

    /// <summary>Where this server keeps what is not in its database.</summary>
    internal static string DataFolderOf(IConfiguration configuration) =>
        Path.GetFullPath(configuration["MODULAR_DATA"] is { Length: > 0 } folder ? folder : ".modular");

    /// <summary>Whether one role is given for making tables and for serving requests.</summary>
    internal bool HasOneRole => Given is not null && GivenOwner is null;

    private string? Given => Setting(ConnectionStrings.Serving);

    private string? GivenOwner => Setting(ConnectionStrings.Owner);

    private BuiltInPostgres BuiltIn => builtIn ?? throw new InvalidOperationException("The built-in database has not been started.");

    /// <summary>Starts the built-in database if there is no other.</summary>
    /// <exception cref="StartupException">It cannot be started, or it is not clear which one is meant.</exception>
    internal async Task StartAsync(CancellationToken ct)
    {
        RequireClearChoice();
        if (Given is null)
        {
            DataFolder = DataFolderOf(configuration);
            builtIn = await BuiltInPostgres.StartAsync(DataFolder, logs.CreateLogger<BuiltInPostgres>(), clock, ct);
        }
    }

    /// <summary>
    /// For a command beside the server, which works as the owner: finds the built-in database where a running server keeps it, else starts
    /// it. False if there is none yet.
    /// </summary>
    /// <exception cref="StartupException">It cannot be started.</exception>
    internal async Task<bool> ReachAsync(CancellationToken ct)
    {
        RequireClearChoice();
        if (Given is null && !BuiltInPostgres.IsIn(DataFolderOf(configuration)))
        {
            return false;
        }

        if (Given is null && await BuiltInPostgres.OfRunningServerAsync(DataFolderOf(configuration), logs.CreateLogger<BuiltInPostgres>(), ct) is { } running)
        {
            connectionString = ConnectionStrings.ForRequests(running, ConnectionStrings.Owner);
            return true;
        }

        await StartAsync(ct);
        connectionString = ConnectionStrings.ForRequests(GivenOwner ?? Given ?? BuiltIn.OwnerConnectionString, OwnerSetting);
        return true;
    }

    /// <summary>A connection of the role that owns the schemas, to migrate with and to grant.</summary>
    /// <exception cref="StartupException">The database cannot be reached, or is too old.</exception>
    internal Task<NpgsqlConnection> ConnectOwnerAsync(CancellationToken ct)
    {
        var settings = ConnectionStrings.ForChanges(GivenOwner ?? Given ?? BuiltIn.OwnerConnectionString, OwnerSetting);
        return ConnectAsync(
            async () =>
            {
                var connection = new NpgsqlConnection(settings);
                try
                {
                    await connection.OpenAsync(ct);
                    return connection;
                }
                catch
                {
                    await connection.DisposeAsync();
                    throw;
                }
            },
            settings,
            OwnerSetting);
    }

    /// <exception cref="StartupException">The database cannot be reached, or is too old.</exception>
    internal static Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource requests, CancellationToken ct) =>
        ConnectAsync(async () => await requests.OpenConnectionAsync(ct), requests.ConnectionString, ConnectionStrings.Serving);

    /// <summary>Stops the built-in database, if it is that. The last thing a server does: everything else may still need it.</summary>
    internal async Task StopAsync()
    {
        if (builtIn is not null)
        {
            await builtIn.DisposeAsync();
        }
    }

    private string OwnerSetting => GivenOwner is null ? ConnectionStrings.Serving : ConnectionStrings.Owner;

    private static async Task<NpgsqlConnection> ConnectAsync(Func<Task<NpgsqlConnection>> open, string connectionString, string setting)
    {
        NpgsqlConnection connection;
        try
        {
            connection = await open();
        }
        catch (Exception refused) when (refused is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            var why = refused is PostgresException answered ? answered.MessageText : (refused.InnerException ?? refused).Message;
            throw new StartupException(
                $"The database '{settings.Database}' at {settings.Host}:{settings.Port} cannot be used: {why.TrimEnd('.')}. Check {ConnectionStrings.NameOf(setting)}.");
        }

        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            var version = connection.PostgreSqlVersion;
            await connection.DisposeAsync();
            throw new StartupException($"The database is PostgreSQL {version}; Modular needs {OldestServer} or newer.");
        }

        return connection;
    }

    private string? Setting(string name) => configuration.GetConnectionString(name) is { Length: > 0 } given ? given : null;

    private void RequireClearChoice()
    {
        if (Given is null && GivenOwner is not null)
        {
            throw new StartupException(
                $"{ConnectionStrings.NameOf(ConnectionStrings.Owner)} is set and {ConnectionStrings.NameOf(ConnectionStrings.Serving)} is not; set both, or neither for a built-in database.");
        }
    }
}
