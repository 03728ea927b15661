using System.Text.Json;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Users;

/// <summary>Lists that are streamed in batches, and the operator's ceiling: users-and-auth.md 7.1. On a server with 1,205 users.</summary>
[Collection(SecondApi.Name)]
public sealed class LongListsTests(ModularApi api, LongListsTests.CrowdedServers servers) : IClassFixture<LongListsTests.CrowdedServers>
{
    private const int Crowd = 1_204;

    [Fact]
    public async Task Are_whole_in_order_and_counted()
    {
        var crowded = await servers.WithCeilingAsync(null);
        var client = crowded.Client(await SignedInAsync(crowded));
        var everybody = await client.ReadAsync("/api/v2/users");
        var names = Names(everybody);
        Assert.Equal(Crowd + 1, names.Length);
        Assert.Equal(Crowd + 1, everybody.GetProperty("count").GetInt32());
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(names.Length, names.Distinct().Count());

        foreach (var (query, skipped, returned, count) in new[]
        {
            ("limit=500", 0, 500, Crowd + 1),
            ("limit=501", 0, 501, Crowd + 1),
            ("limit=1000", 0, 1000, Crowd + 1),
            ("limit=1205", 0, 1205, Crowd + 1),
            ("limit=2147483647", 0, 1205, Crowd + 1),
            ("offset=3", 3, 1202, Crowd + 1),
            ("offset=3&limit=1001", 3, 1001, Crowd + 1),
            ("offset=705", 705, 500, Crowd + 1),
            ("offset=1205", 0, 0, 0),
            ("q=name:crowd", 0, 1204, Crowd),
            ("q=name:crowd&limit=600&offset=600", 600, 600, Crowd),
        })
        {
            var list = await client.ReadAsync($"/api/v2/users?{query}");
            Assert.Equal(names.Skip(skipped).Take(returned), Names(list));
            Assert.Equal(count, list.GetProperty("count").GetInt32());
        }

        var tenth = everybody.GetProperty("users")[9].Text("id");
        var behind = await client.ReadAsync($"/api/v2/users?after_id={tenth}");
        Assert.Equal(names[10..], Names(behind));
        Assert.Equal(Crowd + 1 - 10, behind.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("limit=500", null)]
    [InlineData("limit=600", null)] // Streamed in two batches: the end is known before the first is sent.
    [InlineData("limit=400&q=name%3Acrowd&offset=3", null)]
    [InlineData("", "700")]
    [InlineData("limit=900", "700")]
    public async Task Lead_on_to_the_next_page_until_there_is_none(string query, string? ceiling)
    {
        var crowded = await servers.WithCeilingAsync(ceiling);
        var client = crowded.Client(await SignedInAsync(crowded));
        var expected = Names(await client.ReadAsync($"/api/v2/users?limit=1300{(query.Contains("crowd", StringComparison.Ordinal) ? "&q=name:crowd&offset=3" : "")}"));
        if (ceiling is not null)
        {
            expected = [.. expected, .. Names(await client.ReadAsync($"/api/v2/users?offset={expected.Length}"))];
        }

        var (path, walked) = ($"/api/v2/users?{query}", new List<string>());
        for (string? next = path; next is not null;)
        {
            using var page = await client.GetAsync(next);
            walked.AddRange(Names(await page.ShouldBeAsync(System.Net.HttpStatusCode.OK)));
            next = NextOf(page);
        }

        Assert.Equal(expected, walked);
    }

    [Fact]
    public async Task Are_cut_where_the_operator_says_so()
    {
        var crowded = await servers.WithCeilingAsync("700");
        var client = crowded.Client(await SignedInAsync(crowded));
        foreach (var (query, returned) in new[] { ("", 700), ("?limit=0", 700), ("?limit=701", 700), ("?limit=699", 699), ("?limit=2", 2) })
        {
            var list = await client.ReadAsync($"/api/v2/users{query}");
            Assert.Equal(returned, list.GetProperty("users").GetArrayLength());
            Assert.Equal(Crowd + 1, list.GetProperty("count").GetInt32());
        }
    }

    [Fact]
    public async Task Behind_a_cursor_are_counted_exactly_up_to_10000_rows()
    {
        await using var crowded = await CrowdedAsync(api, 10_002);
        var client = crowded.Client(await SignedInAsync(crowded));
        var first = (await client.ReadAsync("/api/v2/users?limit=3")).GetProperty("users");
        foreach (var (cursor, count) in new[] { (first[0].Text("id"), 10_001), (first[1].Text("id"), 10_001), (first[2].Text("id"), 10_000) })
        {
            var page = await client.ReadAsync($"/api/v2/users?limit=1&after_id={cursor}");
            Assert.Equal(count, page.GetProperty("count").GetInt32());
        }

        Assert.Equal(10_003, (await client.ReadAsync("/api/v2/users?limit=1")).GetProperty("count").GetInt32());

        // Where the count ends, the list goes on: 10,002 are behind the first.
        foreach (var (page, more) in new[] { ("limit=1&offset=10000", true), ("limit=1&offset=10001", false), ("limit=10001", true), ("limit=10002", false) })
        {
            using var answer = await client.GetAsync($"/api/v2/users?{page}&after_id={first[0].Text("id")}");
            await answer.ShouldBeAsync(System.Net.HttpStatusCode.OK);
            Assert.Equal(more, answer.Headers.Contains("Link"));
        }
    }

    [Fact]
    public async Task Of_members_are_whole_too_and_lead_on_as_those_of_users()
    {
        await using var crowded = await CrowdedAsync(api, Crowd);
        var database = (NpgsqlDataSource)crowded.Services.GetService(typeof(NpgsqlDataSource))!;
        await using var join = database.CreateCommand(
            """
            insert into users.organization_members (organization_id, user_id, roles, created_at, updated_at)
            select o.id, u.id, '{}', now(), now() from users.users u cross join users.organizations o where u.username like 'Crowd-%'
            """);
        await join.ExecuteNonQueryAsync();
        var client = crowded.Client(await SignedInAsync(crowded));
        const string members = "/api/v2/organizations/default/members";
        const string pages = "/api/v2/organizations/default/paginated-members";

        var names = Names(await client.ReadAsync(members), list: null);
        Assert.Equal(Crowd + 1, names.Length);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        foreach (var (query, skipped, returned, count, more) in new[]
        {
            ("", 0, Crowd + 1, Crowd + 1, false),
            ("limit=2", 0, 2, Crowd + 1, true),
            ("limit=501", 0, 501, Crowd + 1, true),
            ("limit=600&offset=604", 604, 600, Crowd + 1, true),
            ("limit=600&offset=605", 605, 600, Crowd + 1, false),
            ("offset=1205", 0, 0, 0, false),
            ("q=name:crowd&limit=700", 0, 700, Crowd, true),
        })
        {
            using var answer = await client.GetAsync($"{pages}?{query}");
            var page = await answer.ShouldBeAsync(System.Net.HttpStatusCode.OK);
            Assert.Equal(names.Skip(skipped).Take(returned), Names(page, "members"));
            Assert.Equal(count, page.GetProperty("count").GetInt32());
            Assert.Equal(more, answer.Headers.Contains("Link"));
        }

        var walked = new List<string>();
        for (string? next = $"{pages}?limit=550"; next is not null;)
        {
            using var answer = await client.GetAsync(next);
            walked.AddRange(Names(await answer.ShouldBeAsync(System.Net.HttpStatusCode.OK), "members"));
            next = NextOf(answer);
        }

        Assert.Equal(names, walked);
    }

    private static async Task<ModularApi.OtherServer> CrowdedAsync(ModularApi api, int crowd)
    {
        var server = await api.StartAnotherAsync();
        await ModularApi.SetUpAsync(server.Client());
        var database = (NpgsqlDataSource)server.Services.GetService(typeof(NpgsqlDataSource))!;
        await using var fill = database.CreateCommand(
            """
            insert into users.users (
              id, username, username_key, email, email_key, name, avatar_url, status, login_type, rbac_roles, is_service_account, deleted,
              created_at, updated_at, last_seen_at, search_name, search_text)
            select gen_random_uuid(), 'Crowd-' || i, 'crowd-' || i, 'crowd-' || i || '@example.com', 'crowd-' || i || '@example.com', 'Crowd', '',
                   'dormant', 'password', '{}', false, false, now(), now(), null,
                   'crowd', concat_ws(E'\n', 'crowd-' || i, 'crowd-' || i || '@example.com', 'crowd')
            from generate_series(1, $1) i
            """);
        fill.Parameters.Add(new NpgsqlParameter { Value = crowd });
        await fill.ExecuteNonQueryAsync();
        return server;
    }

    private static async Task<string> SignedInAsync(ModularApi.OtherServer server)
    {
        using var login = await server.Client().LogInAsync("owner@example.com");
        return (await login.ShouldBeAsync(System.Net.HttpStatusCode.Created)).Text("session_token");
    }

    private static string? NextOf(HttpResponseMessage page) => page.Headers.TryGetValues("Link", out var links)
        ? System.Text.RegularExpressions.Regex.Match(links.Single(), "^<(/api/v2/[^>]+)>; rel=\"next\"$").Groups[1].Value
        : null;

    private static string[] Names(JsonElement answer, string? list = "users") =>
        [.. (list is null ? answer : answer.GetProperty(list)).EnumerateArray().Select(user => user.Text("username").ToLowerInvariant())];

    /// <summary>On one database, whose users the tests only read: a server for each ceiling.</summary>
    public sealed class CrowdedServers(ModularApi api) : IAsyncLifetime
    {
        private readonly Dictionary<string, ModularApi.OtherServer> started = [];
        private ModularApi.OtherServer crowded = null!;

        public async Task InitializeAsync() => crowded = await CrowdedAsync(api, Crowd);

        public async Task DisposeAsync()
        {
            foreach (var server in started.Values.Append(crowded))
            {
                await server.DisposeAsync();
            }
        }

        internal async Task<ModularApi.OtherServer> WithCeilingAsync(string? ceiling)
        {
            if (ceiling is null)
            {
                return crowded;
            }

            if (!started.TryGetValue(ceiling, out var server))
            {
                server = await api.StartAnotherAsync(new() { ["Modular:Paging:MaxLimit"] = ceiling }, beside: crowded);
                started.Add(ceiling, server);
            }

            return server;
        }
    }
}
