using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Users;

/// <summary>
/// How PostgreSQL carries out the list of users at 100,000 rows: users-and-auth.md 7.1 and 7.2. Every command that the server sends is
/// explained where it is sent, with its values and in its transaction.
/// </summary>
[Collection(SharedApi.Name)]
public sealed class PlansOfListsTests(ModularApi api)
{
    /// <summary>Every documented filter, alone and in company, at values that match under a tenth; and the index that answers it.</summary>
    private static readonly (string Query, string Index)[] queries =
    [
        ("", "ix_users_username_key"),
        ("limit=25", "ix_users_username_key"),
        ("limit=25&offset=40000", "ix_users_username_key"),
        ("limit=25&offset=90000", "ix_users_username_key"),
        ("limit=25&after_id={user}", "ix_users_username_key"),
        ("limit=25&q=qx7", "ix_users_search_text"),
        ("q=qx7", "ix_users_search_text"),
        ("limit=25&q=seed-04242", "ix_users_search_text"),
        ("limit=25&q=seed-00", "ix_users_search_text"), // Just under a tenth.
        ("limit=25&q=of-nobody", "ix_users_search_text"),
        ("limit=25&q=seed-042421@example.com", "ix_users_before_at"),
        ("limit=25&q=42421@example", "ix_users_before_at"),
        ("limit=25&q=%C3%B6", "ix_users"), // Under three letters there is none of its own, so any of them leads to all users.
        ("limit=25&q=name:zuse", "ix_users_search_name"),
        ("limit=25&q=name:zuse&offset=10", "ix_users_search_name"),
        ("limit=25&q=name:example", "ix_users_search_name"), // Everybody's address has it, and nobody's name.
        ("limit=25&q=status:suspended", "ix_users_status_username_key"),
        ("limit=1000&q=status:suspended", "ix_users_status_username_key"),
        ("limit=25&q=status:suspended,dormant", "ix_users_status_username_key"),
        ("limit=25&q=status:suspended&after_id={user}", "ix_users_status_username_key"),
        ("limit=25&q=role:auditor", "ix_users_rbac_roles"),
        ("limit=25&q=role:auditor role:owner", "ix_users_rbac_roles"),
        ("limit=25&q=login_type:none", "ix_users_login_type_username_key"),
        ("limit=25&q=login_type:none,oidc", "ix_users_login_type_username_key"),
        ("limit=25&q=service_account:true", "ix_users_service_accounts"),
        ("limit=25&q=last_seen_before:\"2001-01-01T00:00:00Z\"", "ix_users_last_seen_at"),
        ("limit=25&q=last_seen_after:\"2026-01-01T00:00:00Z\"", "ix_users_last_seen_at"),
        ("limit=25&q=created_before:\"2020-01-02T00:00:00Z\"", "ix_users_created_at"),
        ("limit=25&q=created_before:\"2020-08-05T00:00:00Z\"", "ix_users_created_at"), // Just under a tenth.
        ("limit=25&q=created_after:\"2026-01-01T00:00:00Z\"", "ix_users_created_at"),
        ("limit=25&q=github_com_user_id:42", ""),
        ("limit=25&q=zuse status:suspended", "ix_users"),
        ("/api/v2/audit?q=email:seed-042424@example.com", "ix_users_email_key"),
        ("/api/v2/audit?q=email:seed-042424@example.com", "ix_users_deleted_email_key"),
    ];

    [Fact]
    public async Task No_filter_scans_the_table_and_each_has_its_index()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        await using var database = new NpgsqlConnection(server.ConnectionString);
        await database.OpenAsync();
        await SeedAsync(database, organization);
        var someone = (await server.Client(owner.Session).ReadAsync("/api/v2/users?limit=1&offset=50000")).GetProperty("users")[0].Id();

        // Of this server only the plans are asked: holding a hundred thousand users against the description says no more than a thousand do.
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Add("Coder-Session-Token", owner.Session);
        foreach (var (query, index) in queries)
        {
            var plans = await PlansAsync(query);
            Assert.DoesNotContain(plans, plan => plan.Contains("Seq Scan on users ", StringComparison.Ordinal));
            Assert.True(index.Length == 0 || plans.Exists(plan => plan.Contains($" {index}", StringComparison.Ordinal)), string.Join("\n\n", [query, .. plans]));
            if (!query.StartsWith('/'))
            {
                // A prepared statement's general plan knows no values, and would scan for some.
                Assert.All(plans, plan => Assert.Contains("plan_cache_mode = 'force_custom_plan'", plan, StringComparison.Ordinal));
            }
        }

        // The twin that proves that a scan would be seen.
        await using var drop = new NpgsqlCommand("drop index users.ix_users_search_text", database);
        await drop.ExecuteNonQueryAsync();
        Assert.Contains(await PlansAsync("limit=25&q=qx7"), plan => plan.Contains("Seq Scan on users ", StringComparison.Ordinal));

        async Task<List<string>> PlansAsync(string query)
        {
            server.Sql.Explain();
            var path = query.StartsWith('/') ? query : $"/api/v2/users?{query.Replace("{user}", someone.ToString(), StringComparison.Ordinal)}";
            using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
            await answer.Content.CopyToAsync(Stream.Null);
            return [.. server.Sql.Explain().Where(plan =>
                plan.Contains("users.users", StringComparison.Ordinal)
                && !plan.Contains("LockRows", StringComparison.Ordinal))]; // What the server does for itself locks; a list never does.
        }
    }

    [Fact]
    public async Task The_count_of_everybody_is_kept_and_exact_however_users_come_and_go()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        var client = server.Client(owner.Session);
        var made = await Task.WhenAll(Enumerable.Range(0, 30).Select(async i =>
        {
            using var answer = await client.PostAsJsonAsync(
                "/api/v2/users", new { username = $"u{i}", service_account = true, organization_ids = new[] { organization } });
            return (await answer.ShouldBeAsync(System.Net.HttpStatusCode.Created)).Id();
        }));
        await Task.WhenAll(made.Take(10).Select(async id =>
        {
            using var answer = await client.DeleteAsync($"/api/v2/users/{id}");
            await answer.ShouldBeAsync(System.Net.HttpStatusCode.OK);
        }));

        server.Sql.Explain();
        var list = await client.ReadAsync("/api/v2/users?limit=1");
        Assert.Equal(21, list.GetProperty("count").GetInt32());
        Assert.Contains(server.Sql.Explain(), plan => plan.Contains("user_counts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_counts_waits_for_nobody_else_and_what_is_undone_does_not_count()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        var writers = new List<(NpgsqlConnection Connection, NpgsqlTransaction Transaction)>();
        foreach (var n in Enumerable.Range(0, 16))
        {
            var connection = new NpgsqlConnection(server.ConnectionString);
            await connection.OpenAsync();
            writers.Add((connection, await connection.BeginTransactionAsync()));
            await using var insert = new NpgsqlCommand($"set local lock_timeout = '1s'; {Insert($"generate_series({n * 10}, {n * 10 + 2})")}", connection);
            await insert.ExecuteNonQueryAsync();
        }

        Assert.Equal(1, await CountAsync());
        foreach (var (n, writer) in writers.Index())
        {
            await (n % 2 == 0 ? writer.Transaction.CommitAsync() : writer.Transaction.RollbackAsync());
            await writer.Connection.DisposeAsync();
        }

        Assert.Equal(1 + 8 * 3, await CountAsync());
        await using var database = new NpgsqlConnection(server.ConnectionString);
        await database.OpenAsync();
        await using var change = new NpgsqlCommand(
            "update users.users set deleted = true where username like 'c%0'; update users.users set deleted = not deleted where username = 'c0'; delete from users.users where username like 'c%1'",
            database);
        await change.ExecuteNonQueryAsync();
        Assert.Equal(1 + 8 + 1, await CountAsync());

        async Task<int> CountAsync() => (await server.Client(owner.Session).ReadAsync("/api/v2/users?limit=1")).GetProperty("count").GetInt32();
    }

    private static string Insert(string numbers) =>
        $"""
        insert into users.users (
            id, username, username_key, email, email_key, name, avatar_url, status, login_type, rbac_roles, is_service_account, deleted,
            created_at, updated_at, last_seen_at, search_name, search_text)
        select gen_random_uuid(), 'c' || n, 'c' || n, '', '', '', '', 'active', 'none', array[]::text[], true, false, now(), now(), now(),
            '', concat_ws(E'\n', 'c' || n, '', '')
        from {numbers} n
        """;

    private static async Task SeedAsync(NpgsqlConnection database, Guid organization)
    {
        await using var seed = new NpgsqlCommand(
            """
            insert into users.users (
                id, username, username_key, email, email_key, name, avatar_url, status, login_type, rbac_roles, is_service_account, deleted,
                created_at, updated_at, last_seen_at, search_name, search_text)
            select gen_random_uuid(), username, username, username || '@example.com', username || '@example.com', name,
                '', case when n % 40 = 0 then 'suspended' when n % 30 = 0 then 'dormant' else 'active' end,
                case when n % 60 = 0 then 'none' else 'password' end,
                case when n % 500 = 0 then array['auditor'] else array[]::text[] end,
                n % 60 = 0, false,
                timestamptz '2020-01-01' + n * interval '35 minutes', now(),
                case when n % 20 = 0 then null else timestamptz '2020-01-01' + n * interval '35 minutes' end,
                lower(name), concat_ws(E'\n', username, username || '@example.com', lower(name))
            from (select n, 'seed-' || lpad(n::text, 6, '0') || case when n % 1000 = 500 then '-qx7' else '' end as username,
                      (array['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Edsger Dijkstra'])[n % 4 + 1]
                          || case when n % 50 = 0 then ' Zuse' else '' end as name
                  from generate_series(1, 100000) n) seeds;
            insert into users.organization_members (organization_id, user_id, roles, created_at, updated_at)
            select $1, id, array[]::text[], now(), now() from users.users where username like 'seed-%';
            """.Replace("$1", $"'{organization}'", StringComparison.Ordinal),
            database)
        {
            CommandTimeout = 0,
        };
        await seed.ExecuteNonQueryAsync();
        await using var analyze = new NpgsqlCommand("vacuum analyze", database) { CommandTimeout = 0 };
        await analyze.ExecuteNonQueryAsync();
    }
}
