using System.Net.Http.Json;
using Modular.Api.Support;
using Npgsql;

namespace Modular.Api.Users;

/// <summary>
/// How PostgreSQL carries out the list of users at 100,000 rows: users-and-auth.md 7.2. The commands are those that the server really
/// sent, explained with the same parameters.
/// </summary>
[Collection(SharedApi.Name)]
public sealed class PlansOfListsTests(ModularApi api)
{
    /// <summary>Every documented filter, alone and in company, at values that match under a tenth.</summary>
    private static readonly string[] queries =
    [
        "limit=25",
        "limit=25&offset=90000",
        "limit=25&after_id={user}",
        "limit=25&q=qx7",
        "limit=25&q=seed-04242",
        "limit=25&q=name:zuse",
        "limit=25&q=status:suspended",
        "limit=25&q=status:suspended,dormant",
        "limit=25&q=role:auditor",
        "limit=25&q=role:auditor role:owner",
        "limit=25&q=login_type:none",
        "limit=25&q=service_account:true",
        "limit=25&q=last_seen_before:\"2001-01-01T00:00:00Z\"",
        "limit=25&q=last_seen_after:\"2026-01-01T00:00:00Z\"",
        "limit=25&q=created_before:\"2020-01-02T00:00:00Z\"",
        "limit=25&q=created_after:\"2026-01-01T00:00:00Z\"",
        "limit=25&q=github_com_user_id:42",
        "limit=25&q=zuse status:suspended",
        "limit=25&q=status:suspended&after_id={user}",
        "limit=25&q=name:zuse&offset=10",
    ];

    [Fact]
    public async Task No_filter_scans_the_table()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        await using var database = new NpgsqlConnection(server.ConnectionString);
        await database.OpenAsync();
        await SeedAsync(database, organization);
        var someone = (await server.Client(owner.Session).ReadAsync("/api/v2/users?limit=1&offset=50000")).GetProperty("users")[0].Id();

        foreach (var query in queries)
        {
            Assert.Null(await ScanAsync(query));
        }

        // The twin that proves that a scan would be seen.
        await using var drop = new NpgsqlCommand("drop index users.ix_users_search_text", database);
        await drop.ExecuteNonQueryAsync();
        Assert.NotNull(await ScanAsync("limit=25&q=qx7"));

        async Task<string?> ScanAsync(string query)
        {
            server.Sql.Record();
            var list = await server.Client(owner.Session).ReadAsync($"/api/v2/users?{query.Replace("{user}", someone.ToString(), StringComparison.Ordinal)}");
            Assert.True(list.GetProperty("users").GetArrayLength() > 0 || query.Contains("github", StringComparison.Ordinal), query);
            foreach (var (sql, parameters) in server.Sql.Record().Where(command => command.Sql.Contains("users.users", StringComparison.Ordinal)))
            {
                var plan = await ExplainAsync(database, sql, parameters);
                if (plan.Contains("Seq Scan on users ", StringComparison.Ordinal))
                {
                    return $"{query}\n{sql}\n{plan}";
                }
            }

            return null;
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

        server.Sql.Record();
        var list = await client.ReadAsync("/api/v2/users?limit=1");
        Assert.Equal(21, list.GetProperty("count").GetInt32());
        Assert.Contains(server.Sql.Record(), command => command.Sql.Contains("user_counts", StringComparison.Ordinal));
    }

    private static async Task<string> ExplainAsync(NpgsqlConnection database, string sql, NpgsqlParameter[] parameters)
    {
        await using var explain = new NpgsqlCommand($"explain {sql}", database);
        explain.Parameters.AddRange(parameters);
        await using var lines = await explain.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await lines.ReadAsync())
        {
            plan.Add(lines.GetString(0));
        }

        return string.Join('\n', plan);
    }

    private static async Task SeedAsync(NpgsqlConnection database, Guid organization)
    {
        await using var seed = new NpgsqlCommand(
            """
            insert into users.users (
                id, username, username_key, email, email_key, name, avatar_url, status, login_type, rbac_roles, is_service_account, deleted,
                created_at, updated_at, last_seen_at)
            select gen_random_uuid(), username, username, username || '@example.com', username || '@example.com',
                (array['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Edsger Dijkstra'])[n % 4 + 1] || case when n % 50 = 0 then ' Zuse' else '' end,
                '', case when n % 40 = 0 then 'suspended' when n % 30 = 0 then 'dormant' else 'active' end,
                case when n % 60 = 0 then 'none' else 'password' end,
                case when n % 500 = 0 then array['auditor'] else array[]::text[] end,
                n % 60 = 0, false,
                timestamptz '2020-01-01' + n * interval '35 minutes', now(),
                case when n % 20 = 0 then timestamptz '0001-01-01' else timestamptz '2020-01-01' + n * interval '35 minutes' end
            from (select n, 'seed-' || lpad(n::text, 6, '0') || case when n % 1000 = 0 then '-qx7' else '' end as username
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
