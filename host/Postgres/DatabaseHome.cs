using System.Security.Cryptography;
using System.Text;
using Modular.Host.Lifetime;

namespace Modular.Host.Postgres;

/// <summary>
/// Where the built-in database lives: its folder, its socket, and the secret that its passwords are made of. One server at a time has it.
/// </summary>
internal sealed partial class DatabaseHome : IAsyncDisposable
{
    /// <summary>A unix socket's path has at most 107 bytes; the socket's own name takes 18 of them.</summary>
    private const int LongestSocketFolder = 107 - 18;

    private readonly FileStream? folderLock;
    private readonly string secret;

    private DatabaseHome(FileStream? folderLock, ServiceAccount account, string folder, string socketFolder, string secret)
    {
        this.folderLock = folderLock;
        this.secret = secret;
        Account = account;
        Folder = folder;
        SocketFolder = socketFolder;
    }

    /// <summary>Who runs the database.</summary>
    internal ServiceAccount Account { get; }

    /// <summary>The database's own folder.</summary>
    internal string Folder { get; }

    internal string Cluster => Path.Combine(Folder, "cluster");

    internal string SocketFolder { get; }

    /// <summary>Whether a server has made a database below the data folder.</summary>
    internal static bool IsIn(string dataFolder) => File.Exists(SecretFile(dataFolder));

    /// <exception cref="StartupException">The folder cannot be used, or another server uses it.</exception>
    internal static async Task<DatabaseHome> TakeAsync(string dataFolder, ILogger logger, CancellationToken ct)
    {
        var folderLock = Lock(dataFolder) ?? throw new StartupException(
            $"The data folder {dataFolder} is in use by another server or cannot be written; stop that server, or set MODULAR_DATA to another folder.");
        try
        {
            return await OpenAsync(dataFolder, folderLock, logger, ct);
        }
        catch
        {
            await folderLock.DisposeAsync();
            throw;
        }
    }

    /// <summary>That of a server which has it now; null while none does.</summary>
    internal static async Task<DatabaseHome?> OfRunningServerAsync(string dataFolder, ILogger logger, CancellationToken ct)
    {
        if (Lock(dataFolder) is { } free)
        {
            await free.DisposeAsync();
            return null;
        }

        return await OpenAsync(dataFolder, folderLock: null, logger, ct);
    }

    /// <summary>
    /// The superuser has the secret itself. The others' passwords are drawn from it, so that there is one file to keep, and so that no role
    /// can find out another's.
    /// </summary>
    internal string PasswordOf(string role) => role == BuiltInRoles.Superuser
        ? secret
        : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(role)));

    /// <summary>A file of the database's account that holds the superuser's password, for the one program that reads it from there.</summary>
    internal async Task<string> WritePasswordFileAsync(CancellationToken ct)
    {
        var file = Path.Combine(Folder, "password.new");
        WritePrivately(file, secret);
        await Account.OwnAsync(file, ct);
        return file;
    }

    public ValueTask DisposeAsync() => folderLock?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<DatabaseHome> OpenAsync(string dataFolder, FileStream? folderLock, ILogger logger, CancellationToken ct)
    {
        var account = ServiceAccount.Find();
        var folder = await FolderAsync(dataFolder, account, logger, ct);
        return new DatabaseHome(folderLock, account, folder, await SocketFolderAsync(folder, account, ct), Secret(dataFolder));
    }

    /// <summary>One server per data folder. The lock goes with the process, however it ends. Null: another has it.</summary>
    private static FileStream? Lock(string dataFolder)
    {
        try
        {
            if (!Directory.Exists(dataFolder))
            {
                // The database's account passes through to its own folder; no other account lists or reads anything here.
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
            return null;
        }
    }

    private static StartupException Unwritable(string dataFolder) =>
        new($"The data folder {dataFolder} cannot be written; make it writable, or set MODULAR_DATA to another folder.");

    /// <summary>
    /// Where the database's account cannot reach the data folder (a checkout below /root, say), it is below /var/lib, and a note in the data
    /// folder says so.
    /// </summary>
    private static async Task<string> FolderAsync(string dataFolder, ServiceAccount account, ILogger logger, CancellationToken ct)
    {
        var inside = Path.Combine(dataFolder, "postgres");
        var note = Path.Combine(dataFolder, "postgres.location");
        var folder = File.Exists(note) ? (await File.ReadAllTextAsync(note, ct)).Trim()
            : await account.CanEnterAsync(dataFolder, ct) ? inside
            : Path.Combine("/var/lib/modular", NameFor(dataFolder));
        if (folder != inside)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            await File.WriteAllTextAsync(note, folder + "\n", ct);
            KeptElsewhere(logger, dataFolder, folder);
        }

        await account.MakePrivateFolderAsync(folder, ct);
        return folder;
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

            // Every account may make a folder in /tmp: one that is there already must be ours.
            if (Directory.Exists(folder)
                && await Command.TryRunAsync("find", [folder, "-maxdepth", "0", "-user", account.IsOther ? "postgres" : Environment.UserName, "-perm", "0700"], ct)
                    is not { ExitCode: 0, Output.Length: > 0 })
            {
                throw new StartupException($"The folder {folder} belongs to another account; remove it, or set MODULAR_DATA to a folder with a shorter path.");
            }
        }

        await account.MakePrivateFolderAsync(folder, ct);
        return folder;
    }

    /// <summary>The same path always gets the same short name.</summary>
    private static string NameFor(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16];

    /// <summary>Drawn once, before the cluster is made with it.</summary>
    private static string Secret(string dataFolder)
    {
        var file = SecretFile(dataFolder);
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        var drawn = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        WritePrivately(file, drawn);
        return drawn;
    }

    private static string SecretFile(string dataFolder) => Path.Combine(dataFolder, "postgres.password");

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

    [LoggerMessage(LogLevel.Information, "The database's account cannot reach {DataFolder}, so the database is kept in {Home}.")]
    private static partial void KeptElsewhere(ILogger logger, string dataFolder, string home);
}
