using System.Diagnostics;
using Npgsql;

namespace Modular.Tests.Api.Support;

/// <summary>pgbouncer before a database, on a socket in a folder of its own.</summary>
internal sealed class Pooler : IAsyncDisposable
{
    private readonly DirectoryInfo folder;
    private readonly Process process;
    private readonly TestDatabase database;

    private Pooler(DirectoryInfo folder, Process process, TestDatabase database) => (this.folder, this.process, this.database) = (folder, process, database);

    /// <summary>The database as the server reaches it through the pooler.</summary>
    internal TestDatabase Database => database with { Serving = Through("serving"), Owner = Through("owner") };

    /// <param name="database">The database behind it.</param>
    /// <param name="mode">What it hands out a session for: a session, a transaction, a statement.</param>
    /// <param name="settings">Further lines of its configuration.</param>
    internal static async Task<Pooler> StartAsync(TestDatabase database, string mode, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("modular-pooler-");
        var configuration = Path.Combine(folder.FullName, "pgbouncer.ini");
        await File.WriteAllLinesAsync(
            configuration,
            [
                "[databases]", $"serving = {Behind(database.Serving)}", $"owner = {Behind(database.Owner)}", "[pgbouncer]", "auth_type = any",
                "listen_addr =", $"unix_socket_dir = {folder.FullName}", $"pool_mode = {mode}", .. settings,
            ]);

        // It does not run as root.
        string[] command = ["pgbouncer", configuration];
        if (Environment.IsPrivilegedProcess)
        {
            using var own = Process.Start("chown", ["-R", "postgres", folder.FullName]);
            await own.WaitForExitAsync();
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command];
        }

        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        var said = new List<string>();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (line.Contains("process up", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync(); // What it logs later must not fill the pipe.
                return new Pooler(folder, process, database);
            }
        }

        throw new InvalidOperationException($"pgbouncer does not start: {string.Join('\n', said)}");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private static string Behind(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return $"host={settings.Host} dbname={settings.Database} user={settings.Username} password={settings.Password}";
    }

    private string Through(string name) =>
        new NpgsqlConnectionStringBuilder { Host = folder.FullName, Port = 6432, Database = name, Username = name }.ConnectionString;
}
