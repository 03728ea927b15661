using System.Diagnostics;
using System.Net;
using Npgsql;

namespace Modular.Tests.Operations;

/// <summary>The private database of a server that was given none: who gets in, and what becomes of it when things go wrong.</summary>
public sealed class BuiltInDatabaseTests : IDisposable
{
    private static readonly TimeSpan fewMinutes = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan glance = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo folder = DataFolder.Make();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_refused()
    {
        await folder.FillAsync();
        await using var first = ServerProcess.Start(folder.FullName);
        using var client = await first.ReadyAsync();

        await using var second = ServerProcess.Start(folder.FullName);
        await second.EndedAsync(fewMinutes);

        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains($"modular: The data folder {folder.FullName} is in use", second.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task A_database_that_dies_is_started_again_while_the_server_runs()
    {
        await folder.FillAsync(crashes: true);
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
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "-R", "postgres", unfinished.Parent!.FullName);
        }

        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();

        await ServerProcess.SetUpAsync(client);
    }

    [Fact]
    public async Task A_pid_file_whose_number_now_is_another_programs_does_not_keep_it_from_starting()
    {
        await folder.FillAsync();
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
    public async Task It_is_not_told_the_servers_settings()
    {
        await folder.FillAsync();
        const string Secret = "not-for-the-database";
        await using var server = ServerProcess.Start(
            folder.FullName, ("Modular__Setup__Token", Secret), ("CODER_EMAIL_AUTH_PASSWORD", Secret), ("ConnectionStrings__Another", Secret));
        using var client = await server.ReadyAsync();

        var environment = (await File.ReadAllTextAsync($"/proc/{ServerProcess.DatabaseProcess(folder)}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries);

        // The latter are pg_ctl's, and those of the shell that it starts.
        Assert.Empty(environment.Select(variable => variable.Split('=')[0]).Except(["PATH", "LC_ALL", "TZ", "PGDATA", "PG_GRANDPARENT_PID", "PGLOCALEDIR", "PGSYSCONFDIR", "PWD"]));
        Assert.DoesNotContain(environment, variable => variable.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_in_which_everything_is_the_superusers_goes_on_with_roles_of_its_own()
    {
        await folder.FillAsync();
        var home = new DirectoryInfo(Path.Combine(folder.FullName, "postgres"));
        await using (var server = ServerProcess.Start(folder.FullName))
        {
            using var client = await server.ReadyAsync();
            await ServerProcess.SetUpAsync(client);

            // As earlier versions have made it.
            await AskAsync(
                home,
                password: null,
                """
                create type users.mood as enum ('sad', 'glad');
                create view users.moods as select 'sad'::users.mood as mood;
                create sequence users.numbers;
                reassign owned by modular_admin to modular;
                drop owned by modular_server, modular_admin;
                grant connect, temporary on database modular to public;
                drop role modular_server, modular_admin;
                select 'done'
                """);
        }

        await using var again = ServerProcess.Start(folder.FullName);
        using var later = await again.ReadyAsync();

        Assert.NotEmpty(await ServerProcess.LogInAsync(later));
        Assert.Equal("modular_admin", await AskAsync(home, password: null, "select pg_get_userbyid(datdba)::text from pg_database where datname = 'modular'"));
        Assert.Equal(
            "modular_admin",
            await AskAsync(
                home,
                password: null,
                """
                select string_agg(distinct pg_get_userbyid(owner), ',')
                from (
                    select relowner as owner, relnamespace as schema from pg_class
                    union all select proowner, pronamespace from pg_proc
                    union all select typowner, typnamespace from pg_type
                    union all select nspowner, oid from pg_namespace) owned
                join pg_namespace n on n.oid = owned.schema
                where nspname in ('users', 'api_keys', 'preferences', 'audit', 'user_skills', 'host')
                """));

        // The connections of the questions before this one may still be ending.
        await UntilAsync(async () => await AskAsync(
            home, password: null, "select string_agg(distinct usename, ',')::text from pg_stat_activity where datname = 'modular' and pid <> pg_backend_pid()") == "modular_server");
    }

    [Fact]
    public async Task A_folder_in_use_that_is_not_its_accounts_is_not_taken_over()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return; // Only root could take it over.
        }

        var somebodys = folder.CreateSubdirectory("somebodys");
        await File.WriteAllTextAsync(Path.Combine(somebodys.FullName, "letter"), "mine");
        var mode = somebodys.UnixFileMode;
        var data = folder.CreateSubdirectory("data");
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "postgres.location"), somebodys.FullName);

        var (exitCode, said) = await ServerProcess.RunAsync(data.FullName, []);

        Assert.Equal(1, exitCode);
        Assert.Contains($"modular: The folder {somebodys.FullName} is in use", said, StringComparison.Ordinal);
        Assert.Equal((mode, "letter"), (new DirectoryInfo(somebodys.FullName).UnixFileMode, Assert.Single(somebodys.GetFileSystemInfos()).Name));
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
        await RunAsync("cp", "-r", Path.GetDirectoryName(ServerProcess.Program) + "/.", program.FullName);
        await RunAsync("chmod", "-R", "go+rX", program.FullName);
        await RunAsync("chown", "nobody", data.FullName);
        var dll = Path.Combine(program.FullName, Path.GetFileName(ServerProcess.Program));

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
        using var deadline = new CancellationTokenSource(fewMinutes);
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
