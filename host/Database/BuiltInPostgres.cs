using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Modular.Host.Database;

/// <summary>
/// A private PostgreSQL cluster below the data folder: made on the first start, found again on every later one, restarted when it
/// dies, stopped with the server. It listens on a unix socket in a folder that nobody else can enter, and wants a password that only
/// this account can read. A server that was killed leaves it running or dead; either way the next start has all data.
/// </summary>
internal sealed partial class BuiltInPostgres : IAsyncDisposable
{
    private const string User = "modular";
    private const string Database = "modular";

    /// <summary>A unix socket's path has at most 107 bytes; the socket's own name takes 18 of them.</summary>
    private const int LongestSocketFolder = 107 - 18;

    private static readonly TimeSpan watchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan breath = TimeSpan.FromMilliseconds(100);

    private readonly FileStream folderLock;
    private readonly ServiceAccount account;
    private readonly PostgresBinaries binaries;
    private readonly string home;
    private readonly string socketFolder;
    private readonly string password;
    private readonly ILogger logger;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource stopping = new();
    private Task watching = Task.CompletedTask;

    private BuiltInPostgres(
        FileStream folderLock, ServiceAccount account, PostgresBinaries binaries, string home, string socketFolder, string password, ILogger logger,
        TimeProvider clock)
    {
        this.folderLock = folderLock;
        this.account = account;
        this.binaries = binaries;
        this.home = home;
        this.socketFolder = socketFolder;
        this.password = password;
        this.logger = logger;
        this.clock = clock;
    }

    /// <summary>How the server reaches its database.</summary>
    internal string ConnectionString => ConnectionTo(Database);

    /// <summary>Whether a server has made one below the data folder.</summary>
    internal static bool IsIn(string dataFolder) => File.Exists(PasswordFile(dataFolder));

    /// <summary>How to reach the one that a running server keeps; null while none does.</summary>
    internal static async Task<string?> OfRunningServerAsync(string dataFolder, ILogger logger, CancellationToken ct)
    {
        try
        {
            await LockFolder(dataFolder).DisposeAsync();
            return null;
        }
        catch (StartupException)
        {
            var account = ServiceAccount.Find();
            var home = await HomeAsync(dataFolder, account, logger, ct);
            return ConnectionTo(Database, await SocketFolderAsync(home, account, ct), Password(dataFolder));
        }
    }

    private string Cluster => ClusterOf(home);

    private string Log => Path.Combine(home, "postgres.log");

    /// <summary>Makes the cluster or finds it, starts it or takes it over, and returns once it accepts connections.</summary>
    /// <exception cref="StartupException">That is not possible here.</exception>
    internal static async Task<BuiltInPostgres> StartAsync(string dataFolder, ILogger logger, TimeProvider clock, CancellationToken ct)
    {
        var folderLock = LockFolder(dataFolder);
        try
        {
            var account = ServiceAccount.Find();
            var home = await HomeAsync(dataFolder, account, logger, ct);
            var binaries = await PostgresBinaries.FindAsync(MajorOf(home), ct);
            var password = Password(dataFolder);
            var postgres = new BuiltInPostgres(
                folderLock, account, binaries, home, await SocketFolderAsync(home, account, ct), password, logger, clock);
            await postgres.MakeClusterAsync(ct);
            await postgres.RunClusterAsync(ct);
            await postgres.MakeDatabaseAsync(ct);
            postgres.watching = postgres.WatchAsync();
            return postgres;
        }
        catch
        {
            await folderLock.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the cluster; open connections are cut, what was committed stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        if (RunningProcess() is not null)
        {
            var stopped = await PgCtlAsync(["stop", "-m", "fast", "-w", "-t", "5"], CancellationToken.None);
            if (stopped.ExitCode != 0)
            {
                await PgCtlAsync(["stop", "-m", "immediate", "-w", "-t", "2"], CancellationToken.None);
            }
        }

        await folderLock.DisposeAsync();
        stopping.Dispose();
    }

    /// <summary>One server per data folder. The lock goes with the process, however it ends.</summary>
    private static FileStream LockFolder(string dataFolder)
    {
        try
        {
            if (!Directory.Exists(dataFolder))
            {
                // The database's account passes through to its own folder; nobody lists or reads anything here.
                Directory.CreateDirectory(
                    dataFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(dataFolder);
        }

        try
        {
            return new FileStream(Path.Combine(dataFolder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException)
        {
            throw Unwritable(dataFolder);
        }
        catch (IOException)
        {
            throw new StartupException(
                $"The data folder {dataFolder} is in use by another server or cannot be written; stop that server, or set MODULAR_DATA to another folder.");
        }
    }

    private static StartupException Unwritable(string dataFolder) =>
        new($"The data folder {dataFolder} cannot be written; make it writable, or set MODULAR_DATA to another folder.");

    /// <summary>
    /// The database's own folder. Where its account cannot reach the data folder (a checkout below /root, say), it is below /var/lib, and a
    /// note in the data folder says so.
    /// </summary>
    private static async Task<string> HomeAsync(string dataFolder, ServiceAccount account, ILogger logger, CancellationToken ct)
    {
        var inside = Path.Combine(dataFolder, "postgres");
        var note = Path.Combine(dataFolder, "postgres.location");
        var home = File.Exists(note) ? (await File.ReadAllTextAsync(note, ct)).Trim()
            : await account.CanEnterAsync(dataFolder, ct) ? inside
            : Path.Combine("/var/lib/modular", NameFor(dataFolder));
        if (home != inside)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(home)!);
            await File.WriteAllTextAsync(note, home + "\n", ct);
            KeptElsewhere(logger, dataFolder, home);
        }

        await account.MakePrivateFolderAsync(home, ct);
        return home;
    }

    /// <summary>Beside the cluster, or where the path is short enough for a socket; private either way.</summary>
    private static async Task<string> SocketFolderAsync(string home, ServiceAccount account, CancellationToken ct)
    {
        var folder = Path.Combine(home, "socket");
        if (Encoding.UTF8.GetByteCount(folder) > LongestSocketFolder)
        {
            var shortRoot = account.IsOther ? "/run"
                : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 and < 40 } runtime ? runtime
                : "/tmp";
            folder = Path.Combine(shortRoot, "modular-" + NameFor(home));

            // Anybody may make a folder in /tmp: one that is there already must be ours.
            if (Directory.Exists(folder)
                && await Command.TryRunAsync("find", [folder, "-maxdepth", "0", "-user", account.IsOther ? "postgres" : Environment.UserName, "-perm", "0700"], ct)
                    is not { ExitCode: 0, Output.Length: > 0 })
            {
                throw new StartupException($"The folder {folder} belongs to somebody else; remove it, or set MODULAR_DATA to a folder with a shorter path.");
            }
        }

        await account.MakePrivateFolderAsync(folder, ct);
        return folder;
    }

    /// <summary>The same path always gets the same short name.</summary>
    private static string NameFor(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16];

    private static string ClusterOf(string home) => Path.Combine(home, "cluster");

    private static int? MajorOf(string home)
    {
        var file = Path.Combine(ClusterOf(home), "PG_VERSION");
        return File.Exists(file) ? int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Drawn once, before the cluster is made with it.</summary>
    private static string Password(string dataFolder)
    {
        var file = PasswordFile(dataFolder);
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        var drawn = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        WritePrivately(file, drawn);
        return drawn;
    }

    private static string PasswordFile(string dataFolder) => Path.Combine(dataFolder, "postgres.password");

    private static void WritePrivately(string file, string text)
    {
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        stream.Write(Encoding.UTF8.GetBytes(text + "\n"));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Into a folder of another name first: one that was being made when the server was killed is made anew.</summary>
    private async Task MakeClusterAsync(CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(Cluster, "PG_VERSION")))
        {
            var unfinished = Cluster + ".new";
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            var passwordFile = Path.Combine(home, "password.new");
            WritePrivately(passwordFile, password);
            await account.OwnAsync(passwordFile, ct);
            Making(home);
            var made = await account.RunAsync(
                binaries.Program("initdb"),
                [
                    "-D", unfinished, "-U", User, "-A", "scram-sha-256", "--pwfile", passwordFile,
                    "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions",
                ],
                ct);
            File.Delete(passwordFile);
            if (made.ExitCode != 0)
            {
                throw new StartupException($"The built-in database cannot be made in {home}: {made.LastWords}.");
            }

            await File.AppendAllTextAsync(Path.Combine(unfinished, "postgresql.conf"), "\ninclude 'modular.conf'\n", ct);
            Directory.Move(unfinished, Cluster);
        }

        await File.WriteAllTextAsync(Path.Combine(Cluster, "modular.conf"), Settings(), ct);
    }

    private string Settings() =>
        $"""
        # Written by Modular at every start.
        listen_addresses = ''
        unix_socket_directories = '{socketFolder.Replace("'", "''", StringComparison.Ordinal)}'
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
        while (RunningProcess() is null)
        {
            if (SomethingWorksHere() && clock.GetUtcNow() < deadline)
            {
                await Task.Delay(breath, clock, ct); // What is left of a server that was killed is still ending.
                continue;
            }

            ForgetReusedNumber();
            var started = await PgCtlAsync(["start", "-l", Log, "-w", "-t", "60"], ct);
            if (started.ExitCode != 0)
            {
                throw new StartupException($"The built-in database does not start: {started.LastWords}; {Log} says why.");
            }
        }

        await AcceptingAsync(deadline, ct);
    }

    /// <summary>A cluster that was taken over may still be starting, recovering, or ending.</summary>
    private async Task AcceptingAsync(DateTimeOffset deadline, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
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

    private async Task MakeDatabaseAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
        await connection.OpenAsync(ct);
        await using var exists = new NpgsqlCommand($"select exists (select from pg_database where datname = '{Database}')", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(ct))!)
        {
            await using var create = new NpgsqlCommand($"create database {Database}", connection);
            await create.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Looks every second whether the database lives, and starts it when it does not.</summary>
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(watchInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                if (RunningProcess() is null)
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

    /// <summary>The process that the pid file names, if it is this cluster's: PostgreSQL's processes work in its folder.</summary>
    private int? RunningProcess() => NamedProcess() is { } pid && FolderOf(pid) == RealPath(Cluster) ? pid : null;

    /// <summary>
    /// PostgreSQL clears away the pid file of a process that is gone. It does not start if the number is still taken: by another program,
    /// or by the old process itself, which stays in the table until its parent looks (in a container, perhaps never). Then the file goes.
    /// </summary>
    private void ForgetReusedNumber()
    {
        if (NamedProcess() is { } pid && !SomethingWorksHere() && (IsZombie(pid) || FolderOf(pid) is not null))
        {
            File.Delete(Path.Combine(Cluster, "postmaster.pid"));
            File.Delete(Path.Combine(socketFolder, ".s.PGSQL.5432.lock"));
        }
    }

    /// <summary>Whether any process of a PostgreSQL works in the cluster.</summary>
    private bool SomethingWorksHere()
    {
        var cluster = RealPath(Cluster);
        return Directory.EnumerateDirectories("/proc")
            .Any(process => int.TryParse(Path.GetFileName(process), out var pid) && FolderOf(pid) == cluster);
    }

    private static bool IsZombie(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false; // No such process any more.
        }
    }

    /// <summary>The first line of the pid file.</summary>
    private int? NamedProcess()
    {
        try
        {
            var line = File.ReadLines(Path.Combine(Cluster, "postmaster.pid")).FirstOrDefault();
            return int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The folder that a process works in; null when there is no such process, or it is none of ours to look at.</summary>
    private static string? FolderOf(int pid)
    {
        try
        {
            return new DirectoryInfo($"/proc/{pid}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The path as the kernel knows it, links resolved all the way up.</summary>
    private static string RealPath(string path)
    {
        var parent = Path.GetDirectoryName(path);
        if (parent is null)
        {
            return path;
        }

        var here = Path.Combine(RealPath(parent), Path.GetFileName(path));
        return new DirectoryInfo(here).ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : here;
    }

    private Task<Command> PgCtlAsync(string[] arguments, CancellationToken ct) =>
        account.RunAsync(binaries.Program("pg_ctl"), ["-D", Cluster, "-s", .. arguments], ct);

    private string ConnectionTo(string database) => ConnectionTo(database, socketFolder, password);

    private static string ConnectionTo(string database, string socketFolder, string password) => new NpgsqlConnectionStringBuilder
    {
        Host = socketFolder,
        Username = User,
        Password = password,
        Database = database,
        MaxPoolSize = 100,
        Pooling = database == Database,
    }.ConnectionString;

    [LoggerMessage(LogLevel.Information, "Making the built-in database in {Home}.")]
    private partial void Making(string home);

    [LoggerMessage(LogLevel.Warning, "The built-in database has died; starting it again.")]
    private partial void Died();

    [LoggerMessage(LogLevel.Information, "The built-in database is back.")]
    private partial void Revived();

    [LoggerMessage(LogLevel.Error, "The built-in database could not be started again: {Reason}")]
    private partial void NotRevived(string reason);

    [LoggerMessage(LogLevel.Information, "The database's account cannot reach {DataFolder}, so the database is kept in {Home}.")]
    private static partial void KeptElsewhere(ILogger logger, string dataFolder, string home);
}
