using System.Globalization;
using Modular.Host.Lifetime;
using Npgsql;

namespace Modular.Host.Postgres;

/// <summary>
/// A private PostgreSQL cluster below the data folder: made on the first start, found again on every later one, restarted when it
/// dies, stopped with the server. It listens on a unix socket in a folder that no other account can enter, and wants passwords that only
/// this account can read. A server that was killed leaves it running or dead; either way the next start has all data.
/// </summary>
internal sealed partial class BuiltInPostgres : IAsyncDisposable
{
    private const string Database = "modular";

    private static readonly TimeSpan watchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan breath = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan glance = TimeSpan.FromMilliseconds(5);

    private readonly DatabaseHome home;
    private readonly PostgresBinaries binaries;
    private readonly ClusterProcess process;
    private readonly ILogger logger;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource stopping = new();
    private Task watching = Task.CompletedTask;

    private BuiltInPostgres(DatabaseHome home, PostgresBinaries binaries, ILogger logger, TimeProvider clock)
    {
        this.home = home;
        this.binaries = binaries;
        this.logger = logger;
        this.clock = clock;
        process = new ClusterProcess(home.Cluster);
    }

    /// <summary>How requests reach the database.</summary>
    internal string ConnectionString => ConnectionTo(home, Database, BuiltInRoles.Serving);

    /// <summary>How the role that makes tables reaches it.</summary>
    internal string OwnerConnectionString => ConnectionTo(home, Database, BuiltInRoles.Owner);

    /// <summary>How the cluster itself is set up. No part of the server works so.</summary>
    internal string SetUpConnectionString => ConnectionTo(home, Database, BuiltInRoles.Superuser);

    /// <summary>Whether a server has made one below the data folder.</summary>
    internal static bool IsIn(string dataFolder) => DatabaseHome.IsIn(dataFolder);

    /// <summary>How to reach, as its owner, the one that a running server keeps; null while none does.</summary>
    internal static async Task<string?> OfRunningServerAsync(string dataFolder, ILogger logger, CancellationToken ct) =>
        await DatabaseHome.OfRunningServerAsync(dataFolder, logger, ct) is { } home ? ConnectionTo(home, Database, BuiltInRoles.Owner) : null;

    private string Log => Path.Combine(home.Folder, "postgres.log");

    /// <summary>Makes the cluster or finds it, starts it or takes it over, and returns once it accepts connections.</summary>
    /// <exception cref="StartupException">That is not possible here.</exception>
    internal static async Task<BuiltInPostgres> StartAsync(string dataFolder, ILogger logger, TimeProvider clock, CancellationToken ct)
    {
        var home = await DatabaseHome.TakeAsync(dataFolder, logger, ct);
        IAsyncDisposable begun = home;
        try
        {
            var binaries = await PostgresBinaries.FindAsync(MajorOf(home.Cluster), ct);
            var postgres = new BuiltInPostgres(home, binaries, logger, clock);
            begun = postgres;
            await postgres.MakeClusterAsync(ct);
            await postgres.RunClusterAsync(ct);
            await postgres.SetUpAsync(ct);
            postgres.watching = postgres.WatchAsync();
            return postgres;
        }
        catch
        {
            await begun.DisposeAsync(); // A start that fails leaves nothing running.
            throw;
        }
    }

    /// <summary>Stops the cluster; open connections are cut, what was committed stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        await StopClusterAsync();
        await home.DisposeAsync();
        stopping.Dispose();
    }

    private static int? MajorOf(string cluster)
    {
        var file = Path.Combine(cluster, "PG_VERSION");
        return File.Exists(file) ? int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Into a folder of another name first: one that was being made when the server was killed is made anew.</summary>
    private async Task MakeClusterAsync(CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(home.Cluster, "PG_VERSION")))
        {
            var unfinished = home.Cluster + ".new";
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            var made = await InitialiseAsync(unfinished, ct);
            if (made.ExitCode != 0)
            {
                throw new StartupException($"The built-in database cannot be made in {home.Folder}: {made.LastLines}.");
            }

            await File.AppendAllTextAsync(Path.Combine(unfinished, "postgresql.conf"), "\ninclude 'modular.conf'\n", ct);
            Directory.Move(unfinished, home.Cluster);
        }

        await File.WriteAllTextAsync(Path.Combine(home.Cluster, "modular.conf"), Settings(), ct);
    }

    private async Task<Command> InitialiseAsync(string folder, CancellationToken ct)
    {
        var passwordFile = await home.WritePasswordFileAsync(ct);
        try
        {
            Making(home.Folder);
            return await home.Account.RunAsync(
                binaries.Program("initdb"),
                [
                    "-D", folder, "-U", BuiltInRoles.Superuser, "-A", "scram-sha-256", "--pwfile", passwordFile,
                    "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions",
                ],
                ct);
        }
        catch (OperationCanceledException)
        {
            // Killed, and what it had started; the kernel takes a moment with that.
            var unfinished = new ClusterProcess(folder);
            while (unfinished.SomethingWorksHere())
            {
                await Task.Delay(glance, clock, CancellationToken.None);
            }

            throw;
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    private string Settings() =>
        $"""
        # Written by Modular at every start.
        listen_addresses = ''
        unix_socket_directories = '{home.SocketFolder.Replace("'", "''", StringComparison.Ordinal)}'
        max_connections = 200
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        {(binaries.HasStatementStatistics ? "shared_preload_libraries = 'pg_stat_statements'" : "")}

        """;

    /// <summary>Starts the cluster, or takes over one that a killed server has left running.</summary>
    private async Task RunClusterAsync(CancellationToken ct)
    {
        var deadline = clock.GetUtcNow() + patience;
        while (process.Running() is null)
        {
            if (process.SomethingWorksHere() && clock.GetUtcNow() < deadline)
            {
                await Task.Delay(breath, clock, ct); // What is left of a server that was killed is still ending.
                continue;
            }

            process.ForgetReusedNumber(home.SocketFolder);
            var started = await StartClusterAsync(ct);
            if (started.ExitCode != 0)
            {
                throw new StartupException($"The built-in database does not start: {started.LastLines}; {Log} says why.");
            }
        }

        await AcceptingAsync(deadline, ct);
    }

    /// <summary>Cancelled, it stops what it has started: killing the starter alone would leave that running.</summary>
    private async Task<Command> StartClusterAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var starting = PgCtlAsync("start", "-l", Log, "-w", "-t", "60");
        try
        {
            return await starting.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            // A process that has not written down its number yet cannot be told to stop.
            while (!starting.IsCompleted && process.Running() is null)
            {
                await Task.Delay(glance, clock, CancellationToken.None);
            }

            await StopClusterAsync();
            await starting;
            throw;
        }
    }

    private async Task StopClusterAsync()
    {
        if (process.Running() is not null)
        {
            var stopped = await PgCtlAsync("stop", "-m", "fast", "-w", "-t", "5");
            if (stopped.ExitCode != 0)
            {
                await PgCtlAsync("stop", "-m", "immediate", "-w", "-t", "2");
            }
        }
    }

    /// <summary>A cluster that was taken over may still be starting, recovering, or ending.</summary>
    private async Task AcceptingAsync(DateTimeOffset deadline, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionTo(home, "postgres", BuiltInRoles.Superuser));
                await connection.OpenAsync(ct);
                return;
            }
            catch (NpgsqlException refused) when (clock.GetUtcNow() < deadline && refused is not PostgresException { SqlState: PostgresErrorCodes.InvalidPassword })
            {
                await Task.Delay(breath, clock, ct);
            }
            catch (NpgsqlException refused)
            {
                throw new StartupException($"The built-in database does not answer: {refused.Message.TrimEnd('.')}; {Log} says why.");
            }
        }
    }

    /// <summary>The roles, the database, and whose everything in it is.</summary>
    private async Task SetUpAsync(CancellationToken ct)
    {
        await using (var cluster = new NpgsqlConnection(ConnectionTo(home, "postgres", BuiltInRoles.Superuser)))
        {
            await cluster.OpenAsync(ct);
            await BuiltInRoles.MakeAsync(cluster, home.PasswordOf, ct);
            await BuiltInRoles.MakeDatabaseAsync(cluster, Database, ct);
        }

        await using var database = new NpgsqlConnection(SetUpConnectionString);
        await database.OpenAsync(ct);
        await BuiltInRoles.HandOverAsync(database, ct);
    }

    /// <summary>Looks every second whether the database lives, and starts it when it does not.</summary>
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(watchInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                if (process.Running() is null)
                {
                    await ReviveAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            return; // The server stops.
        }
    }

    private async Task ReviveAsync()
    {
        Died();
        try
        {
            await RunClusterAsync(stopping.Token);
            Revived();
        }
        catch (StartupException failure)
        {
            NotRevived(failure.Message);
        }
    }

    private Task<Command> PgCtlAsync(params string[] arguments) =>
        home.Account.RunAsync(binaries.Program("pg_ctl"), ["-D", home.Cluster, "-s", .. arguments], CancellationToken.None);

    private static string ConnectionTo(DatabaseHome home, string database, string role) => new NpgsqlConnectionStringBuilder
    {
        Host = home.SocketFolder,
        Username = role,
        Password = home.PasswordOf(role),
        Database = database,
        MaxPoolSize = 100,
        Pooling = role == BuiltInRoles.Serving,
    }.ConnectionString;

    [LoggerMessage(LogLevel.Information, "Making the built-in database in {Home}.")]
    private partial void Making(string home);

    [LoggerMessage(LogLevel.Warning, "The built-in database has died; starting it again.")]
    private partial void Died();

    [LoggerMessage(LogLevel.Information, "The built-in database is back.")]
    private partial void Revived();

    [LoggerMessage(LogLevel.Error, "The built-in database could not be started again: {Reason}")]
    private partial void NotRevived(string reason);
}
