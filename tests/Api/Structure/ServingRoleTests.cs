using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Persistence;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Structure;

/// <summary>
/// The role that serves requests may do what requests need and no more. Every test of this project is served by it, so that a right that is
/// missing shows in those.
/// </summary>
[Collection(SharedApi.Name)]
public sealed class ServingRoleTests(ModularApi api)
{
    /// <summary>Statements, and how PostgreSQL refuses them: for want of the right, or for want of the owner's or the superuser's name.</summary>
    public static TheoryData<string> Refused =>
    [
        "update audit.entries set action = action",
        "delete from audit.entries",
        "truncate audit.entries",
        "select * from audit.entries for update",
        "insert into audit.entries select * from audit.entries on conflict (id) do update set action = 'write'",
        "alter table audit.entries add another int",
        "alter table audit.entries disable trigger all",
        "create trigger t before insert on audit.entries for each row execute function suppress_redundant_updates_trigger()",
        "create rule r as on insert to audit.entries do instead nothing",
        "drop table audit.entries",
        "alter schema audit rename to former",
        "truncate users.users cascade",
        "alter table users.users drop column deleted",
        "drop function users.count_users() cascade",
        "truncate api_keys.keys",
        "drop schema api_keys cascade",
        "truncate preferences.owners cascade",
        "alter table preferences.owners owner to current_user",
        "truncate user_skills.skills cascade",
        "drop table user_skills.skills cascade",
        "select * from host.plugins",
        "update host.deployment set id = id",
        "update host.protection_keys set xml = ''",
        "delete from host.protection_keys",
        "select * from users.migrations",
        "delete from audit.migrations",
        "create table audit.another (id int)",
        "create table host.another (id int)",
        "create table users.another (id int)",
        "create table public.another (id int)",
        "create temp table another (id int)",
        "create schema another",
        "create extension hstore",
        "create function public.another() returns int language sql as 'select 1'",
        "create role another",
        "create database another",
        "alter role current_user superuser",
        "alter system set fsync = off",
        "set role modular_admin",
        "set session authorization modular_admin",
        "grant modular_admin to modular_server",
        "select * from pg_authid",
        "select pg_read_file('/etc/passwd')",
        "select lo_import('/etc/passwd')",
        "copy audit.entries to '/tmp/entries'",
        "copy (select 1) to program 'true'",
        "copy audit.entries from program 'true'",
    ];

    [Theory, MemberData(nameof(Refused))]
    public async Task It_is_refused(string statement)
    {
        await using var database = await OpenAsync(api.Database.Serving);
        await using var command = new NpgsqlCommand(statement, database);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task It_gets_into_no_other_database_of_the_cluster()
    {
        var elsewhere = new NpgsqlConnectionStringBuilder(api.Database.Serving) { Database = "postgres", Pooling = false }.ConnectionString;

        var refused = await Assert.ThrowsAsync<PostgresException>(() => OpenAsync(elsewhere));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task It_has_on_every_table_what_the_module_says()
    {
        var contexts = api.Services.GetServices<ModuleContext>().ToArray();
        var tables = await TablesAsync(api.Database);

        Assert.Equal(contexts.Select(context => context.Schema).Order(), tables.Select(table => table.Schema).Distinct().Order());
        Assert.All(tables, table => Assert.Equal(
            contexts.Single(context => context.Schema == table.Schema).RightsOn(table.Name) switch
            {
                TableRights.None => "",
                TableRights.Read => "SELECT",
                TableRights.Append => "INSERT,SELECT",
                _ => "DELETE,INSERT,SELECT,UPDATE",
            },
            table.Rights));
    }

    [Fact]
    public async Task A_start_gives_what_is_missing_and_takes_what_is_too_much()
    {
        await using var first = await api.StartAnotherAsync();
        var before = await TablesAsync(first.Database);
        await using (var owner = await OpenAsync(first.Database.Owner))
        {
            await using var change = new NpgsqlCommand(
                """
                create table audit.another (id int);
                grant update, truncate on audit.entries to modular_server;
                grant update (id) on audit.another to modular_server;
                grant select on users.migrations to modular_server with grant option;
                revoke all on users.users from modular_server;
                revoke usage on schema users from modular_server;
                """,
                owner);
            await change.ExecuteNonQueryAsync();
        }

        await using var second = await api.StartAnotherAsync(beside: first);

        Assert.Equal(before.Append(("audit", "another", "INSERT,SELECT")).Order(), await TablesAsync(first.Database));
        using var client = second.Client();
        await (await client.GetAsync("/api/v2/users/first")).ShouldBeAsync(HttpStatusCode.NotFound);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>What the serving role may do with each table, if only with a column of it.</summary>
    private static async Task<IReadOnlyList<(string Schema, string Name, string Rights)>> TablesAsync(TestDatabase database)
    {
        await using var connection = await OpenAsync(database.SetUp);
        await using var read = new NpgsqlCommand(
            """
            select nspname::text, relname::text, coalesce((
                select string_agg(privilege, ',' order by privilege)
                from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
                where has_schema_privilege('modular_server', n.oid, 'USAGE') and (
                    has_table_privilege('modular_server', c.oid, privilege)
                    or privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') and has_any_column_privilege('modular_server', c.oid, privilege))), '')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where relkind in ('r', 'p') and nspname not in ('pg_catalog', 'information_schema')
            """,
            connection);
        await using var rows = await read.ExecuteReaderAsync();
        var tables = new List<(string, string, string)>();
        while (await rows.ReadAsync())
        {
            tables.Add((rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        }

        return [.. tables.Order()];
    }
}
