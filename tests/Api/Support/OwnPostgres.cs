using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Host;
using Modular.Host.Postgres;
using Modular.Host.Startup;
using Npgsql;

namespace Modular.Tests.Api.Support;

/// <summary>A PostgreSQL of the test's own, which it can also stop.</summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    private readonly DirectoryInfo folder;
    private readonly BuiltInPostgres postgres;
    private readonly Lazy<Task<string>> template;
    private bool stopped;

    private OwnPostgres(DirectoryInfo folder, BuiltInPostgres postgres)
    {
        (this.folder, this.postgres) = (folder, postgres);
        template = new(MakeTemplateAsync);
    }

    /// <summary>The one that the server's own database is.</summary>
    internal TestDatabase Database => new(postgres.ConnectionString, postgres.OwnerConnectionString, postgres.SetUpConnectionString);

    internal static async Task<OwnPostgres> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("modular-api-");

        // The database's account passes through it.
        folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var started = new OwnPostgres(
            folder, await BuiltInPostgres.StartAsync(folder.FullName, NullLogger<BuiltInPostgres>.Instance, TimeProvider.System, CancellationToken.None));
        await started.ForgetOnACrashAsync();
        return started;
    }

    /// <summary>No test of this kind crashes the machine, so nothing has to reach the disk before it is answered. tests/Operations does.</summary>
    private async Task ForgetOnACrashAsync()
    {
        await using var connection = new NpgsqlConnection(Database.SetUp);
        await connection.OpenAsync();
        foreach (var sql in (string[])
            ["alter system set fsync = off", "alter system set full_page_writes = off", "alter system set synchronous_commit = off", "select pg_reload_conf()"])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>A further one, empty, with the same roles.</summary>
    internal Task<TestDatabase> NewDatabaseAsync() => NewDatabaseAsync(template: null);

    /// <summary>A further one, as a server leaves an empty one when it starts: a copy of one that was migrated once, since that takes seconds.</summary>
    internal async Task<TestDatabase> NewMigratedDatabaseAsync() => await NewDatabaseAsync(await template.Value);

    private async Task<TestDatabase> NewDatabaseAsync(string? template)
    {
        var name = "t" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        await using var connection = new NpgsqlConnection(Database.SetUp);
        await connection.OpenAsync();
        if (template is not null)
        {
            await using var copy = new NpgsqlCommand($"create database {name} template {template} strategy file_copy", connection);
            await copy.ExecuteNonQueryAsync();
        }

        await BuiltInRoles.MakeDatabaseAsync(connection, name, CancellationToken.None);
        return new TestDatabase(Named(Database.Serving), Named(Database.Owner), Named(Database.SetUp));

        string Named(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Database = name }.ConnectionString;
    }

    private async Task<string> MakeTemplateAsync()
    {
        var database = await NewDatabaseAsync();
        await using (var server = ModularServer.Build([.. database.Arguments, "--Logging:LogLevel:Default", "None"], ModuleCatalog.All))
        {
            await SchemaMigrations.RunAsync(server.Services, CancellationToken.None);
        }

        return new NpgsqlConnectionStringBuilder(database.SetUp).Database!;
    }

    /// <summary>From now on it is away.</summary>
    internal async Task StopAsync()
    {
        if (!stopped)
        {
            stopped = true;
            await postgres.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Delete(recursive: true);
    }
}

/// <summary>A database by the connection strings of its roles: two of a server's, and the superuser's for what a test does below the API.</summary>
internal sealed record TestDatabase(string Serving, string Owner, string SetUp)
{
    /// <summary>As a program's arguments.</summary>
    internal string[] Arguments => ["--ConnectionStrings:Modular", Serving, "--ConnectionStrings:ModularAdmin", Owner];
}
