using System.Diagnostics;
using System.Net;
using Npgsql;

namespace Modular.Operations;

/// <summary>The private database of a server that was given none: who gets in, and what becomes of it when things go wrong.</summary>
public sealed class BuiltInDatabaseTests : IDisposable
{
    private static readonly TimeSpan aMinute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan glance = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo folder = DataFolder.Make();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_refused()
    {
        await using var first = ServerProcess.Start(folder.FullName);
        using var client = await first.ReadyAsync();

        await using var second = ServerProcess.Start(folder.FullName);
        await second.EndedAsync(aMinute);

        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains($"modular: The data folder {folder.FullName} is in use", second.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task A_database_that_dies_is_started_again_while_the_server_runs()
    {
        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();
        await ServerProcess.SetUpAsync(client);

        ServerProcess.Send("KILL", ServerProcess.DatabaseProcess(folder));
        await UntilAsync(async () => (await client.GetAsync("/api/v2/users/first")).StatusCode == HttpStatusCode.ServiceUnavailable);
        await UntilAsync(async () => (await client.GetAsync("/api/v2/users/first")).StatusCode == HttpStatusCode.OK);
        await UntilAsync(async () => (await client.GetAsync("/readyz")).StatusCode == HttpStatusCode.OK);

        Assert.NotEmpty(await ServerProcess.LogInAsync(client));
    }

    [Fact]
    public async Task A_cluster_that_was_being_made_when_the_server_was_killed_is_made_anew()
    {
        var unfinished = folder.CreateSubdirectory("postgres").CreateSubdirectory("cluster.new");
        await File.WriteAllTextAsync(Path.Combine(unfinished.FullName, "PG_VERSION"), "half");

        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();

        await ServerProcess.SetUpAsync(client);
    }

    [Fact]
    public async Task A_pid_file_whose_number_now_is_another_programs_does_not_keep_it_from_starting()
    {
        string session;
        await using (var server = ServerProcess.Start(folder.FullName))
        {
            using var client = await server.ReadyAsync();
            (session, _) = await ServerProcess.SetUpAsync(client);
        }

        var cluster = folder.EnumerateDirectories("cluster", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(
            Path.Combine(cluster.FullName, "postmaster.pid"), $"{Environment.ProcessId}\n{cluster.FullName}\n1700000000\n5432\n\n\n\n");
        await using var again = ServerProcess.Start(folder.FullName);
        using var later = await again.ReadyAsync();
        later.DefaultRequestHeaders.Add("Coder-Session-Token", session);

        Assert.Equal(HttpStatusCode.OK, (await later.GetAsync("/api/v2/users/me")).StatusCode);
    }

    [Fact]
    public async Task Nobody_else_gets_in()
    {
        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();
        var home = new DirectoryInfo(Path.Combine(folder.FullName, "postgres"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, home.UnixFileMode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(Path.Combine(folder.FullName, "postgres.password")).UnixFileMode);
        Assert.Equal("", await AskAsync(home, password: null, "show listen_addresses"));
        Assert.Equal("on", await AskAsync(home, password: null, "show fsync"));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(home, "guessed", "select 'in'"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Where_its_account_cannot_reach_the_data_folder_it_is_kept_elsewhere_and_a_note_says_so()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return; // An ordinary user's database runs as that user, who reaches the folder.
        }

        folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var data = Path.Combine(folder.FullName, "data");
        await using (var server = ServerProcess.Start(data))
        {
            using var client = await server.ReadyAsync();
            await ServerProcess.SetUpAsync(client);
        }

        var home = (await File.ReadAllTextAsync(Path.Combine(data, "postgres.location"))).Trim();
        Assert.StartsWith("/var/lib/modular/", home, StringComparison.Ordinal);
        await using (var again = ServerProcess.Start(data))
        {
            using var client = await again.ReadyAsync();
            Assert.NotEmpty(await ServerProcess.LogInAsync(client));
        }

        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task An_ordinary_user_can_run_it_too()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return; // Then every other test here shows it.
        }

        // The checkout may be where only root can read.
        var program = folder.CreateSubdirectory("program");
        var data = folder.CreateSubdirectory("data");
        await RunAsync("cp", "-r", AppContext.BaseDirectory + ".", program.FullName);
        await RunAsync("chmod", "-R", "go+rX", program.FullName);
        await RunAsync("chown", "nobody", data.FullName);
        var dll = Path.Combine(program.FullName, "Modular.Host.dll");

        await using var server = ServerProcess.Start(
            ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "dotnet", dll], data.FullName, ("HOME", data.FullName));
        using var client = await server.ReadyAsync();

        await ServerProcess.SetUpAsync(client);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var deadline = new CancellationTokenSource(aMinute);
        using var timer = new PeriodicTimer(glance);
        while (!await holds())
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    /// <summary>Asks the database itself; with the right password where none is given.</summary>
    private async Task<string> AskAsync(DirectoryInfo home, string? password, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = Path.Combine(home.FullName, "socket"),
            Username = "modular",
            Database = "modular",
            Password = password ?? (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "postgres.password"))).Trim(),
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
