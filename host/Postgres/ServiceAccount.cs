using Modular.Host.Lifetime;

namespace Modular.Host.Postgres;

/// <summary>
/// Who runs the built-in database. PostgreSQL refuses to run as root, so root drops to the account that Debian's package makes; an
/// ordinary user is its own account.
/// </summary>
internal sealed class ServiceAccount
{
    private const string Name = "postgres";

    private ServiceAccount(bool isOther) => IsOther = isOther;

    private string AccountName => IsOther ? Name : Environment.UserName;

    /// <summary>Whether it is another account than the server's own.</summary>
    internal bool IsOther { get; }

    /// <exception cref="StartupException">Root has no account to drop to.</exception>
    internal static ServiceAccount Find()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServiceAccount(isOther: false);
        }

        return File.ReadLines("/etc/passwd").Any(line => line.StartsWith(Name + ":", StringComparison.Ordinal))
            ? new ServiceAccount(isOther: true)
            : throw new StartupException(
                $"PostgreSQL does not run as root and there is no account '{Name}' to run it; install Debian's package postgresql, run the server as an ordinary user, or set ConnectionStrings__Modular.");
    }

    /// <summary>Runs a program as the account.</summary>
    internal async Task<Command> RunAsync(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var command = IsOther
            ? await Command.TryRunAsync("setpriv", [$"--reuid={Name}", $"--regid={Name}", "--clear-groups", program, .. arguments], ct)
            : await Command.TryRunAsync(program, arguments, ct);
        return command
            ?? throw new StartupException($"{program} cannot be run; install it, and Debian's package util-linux, whose setsid and setpriv run it.");
    }

    /// <summary>Whether the account can reach what is inside the folder.</summary>
    internal async Task<bool> CanEnterAsync(string folder, CancellationToken ct) =>
        !IsOther || (await RunAsync("test", ["-x", folder], ct)).ExitCode == 0;

    /// <summary>
    /// Makes a folder, if it is not there, that only the account (and root) can enter. One that is there and in use must be the
    /// account's already: a note or a link could name any folder of the machine.
    /// </summary>
    /// <exception cref="StartupException">It is in use and belongs to another account.</exception>
    internal async Task MakePrivateFolderAsync(string folder, CancellationToken ct)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !await OwnsAsync(folder, ct))
        {
            throw new StartupException($"The folder {folder} is in use and does not belong to the account '{AccountName}'; set MODULAR_DATA to another folder.");
        }

        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await OwnAsync(folder, ct);
    }

    /// <summary>Whether the folder is the account's.</summary>
    private async Task<bool> OwnsAsync(string folder, CancellationToken ct) =>
        await Command.TryRunAsync("find", ["-H", folder, "-maxdepth", "0", "-user", AccountName], ct) is { ExitCode: 0, Output.Length: > 0 };

    /// <summary>Gives a file or folder to the account.</summary>
    internal async Task OwnAsync(string path, CancellationToken ct)
    {
        if (IsOther && await Command.TryRunAsync("chown", [$"{Name}:{Name}", path], ct) is not { ExitCode: 0 })
        {
            throw new StartupException($"{path} cannot be given to the account '{Name}'; set MODULAR_DATA to a folder on a local disk.");
        }
    }
}
