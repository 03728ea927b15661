using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Modular.Tests.Api.Edge;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Npgsql;

namespace Modular.Tests.Api.Permissions;

/// <summary>
/// Every writing route is held open, its caller is ended in each way there is, and then the request is let go on: nothing may be written
/// by a right that has ended, whenever the request was let in (users-and-auth.md 5.3).
/// </summary>
[Collection(SecondApi.Name)]
public sealed class EndedCallersTests(ModularApi api)
{
    /// <summary>What becomes of the caller while its request waits.</summary>
    private static readonly Dictionary<string, Func<HttpClient, ApiUser, Task<HttpResponseMessage>>> ends = new()
    {
        ["logout"] = (server, caller) => server.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/logout") { Headers = { { "Coder-Session-Token", caller.Session } } }),
        ["deletion of the key"] = (owner, caller) => owner.DeleteAsync($"/api/v2/users/{caller.Id}/keys/{caller.Session[..10]}"),
        ["expiry"] = (owner, caller) => owner.PutAsync($"/api/v2/users/{caller.Id}/keys/{caller.Session[..10]}/expire", null),
        ["rotation"] = (owner, caller) => owner.PostAsJsonAsync($"/api/v2/users/{caller.Id}/keys/{caller.Session[..10]}/rotate", new { }),
        ["password change"] = (owner, caller) => owner.PutAsJsonAsync($"/api/v2/users/{caller.Id}/password", new { password = "AnotherSecurePassword!" }),
        ["suspension"] = async (owner, caller) =>
        {
            await (await DemoteAsync(owner, caller)).ShouldBeAsync(HttpStatusCode.OK);
            return await owner.PutAsync($"/api/v2/users/{caller.Id}/status/suspend", null);
        },
        ["demotion"] = DemoteAsync,
        ["deletion of the user"] = (owner, caller) => owner.DeleteAsync($"/api/v2/users/{caller.Id}"),
        ["end of all sessions"] = (owner, caller) => owner.DeleteAsync($"/api/v2/users/{caller.Id}/sessions"),
    };

    private readonly RouteRequests requests = new(api);

    public static TheoryData<string> RoutesThatReadBodies => [.. Writing.Where(route => route.ReadsBody || route.Name == "AnswerAgent").Select(route => route.Name)];

    public static TheoryData<string> RoutesWithoutBodies => [.. Writing.Where(route => !route.ReadsBody && route.Name != "AnswerAgent").Select(route => route.Name)];

    public static TheoryData<string> Ends => [.. ends.Keys];

    private static IEnumerable<Routes.Declared> Writing => Routes.Names.Select(Routes.Of)
        .Where(route => route.Method != "GET" && route.Access.Kind != RouteAccessKind.Anonymous);

    [Theory]
    [MemberData(nameof(RoutesThatReadBodies))]
    public async Task Writes_nothing_when_its_caller_ended_while_the_body_was_on_the_way(string name)
    {
        var route = Routes.Of(name);
        await api.TurnAsync("user-skills", on: true);
        using var owner = api.As(api.Owner);
        foreach (var (end, endAsync) in ends)
        {
            var caller = await OwnerWithSessionAsync();
            var target = route.Parameters.Contains("user") ? await requests.TargetAsync(route) : null;
            using var request = await requests.MakeAsync(route, target, missing: null);
            await using var held = await HeldRequest.BeginAsync(api.Address, request, caller.Session);

            using (var ended = await endAsync(owner, caller))
            {
                Assert.True(ended.IsSuccessStatusCode, $"{end}: {ended.StatusCode}");
            }

            var answer = await held.FinishAsync();
            var line = $"{route.Method} {route.Pattern} after {end}: {answer.Status} {answer.Body}";
            if (end == "demotion")
            {
                // What any user may do is still allowed; the rest is refused as it is to a member.
                Assert.True(IsForMembers(route) ? answer.Status is 200 or 201 or 400 : answer.Status is 403 or 404 || IsImportCutOff(answer), line);
            }
            else
            {
                Assert.True(answer.Status == 401 || IsImportCutOff(answer), line);
                Assert.True(answer.Status != 401 || answer.Head.Contains("\r\nWWW-Authenticate: ", StringComparison.OrdinalIgnoreCase), line);
            }

            if (answer.Status is not (200 or 201) || IsImportCutOff(answer))
            {
                Assert.True(await WrittenByAsync(caller) == 0, $"{line}, and the log says that something was done");
            }
        }
    }

    [Theory]
    [MemberData(nameof(RoutesWithoutBodies))]
    public async Task Writes_nothing_when_its_caller_ends_while_it_runs(string name)
    {
        var route = Routes.Of(name);
        await api.TurnAsync("user-skills", on: true);
        var caller = await OwnerWithSessionAsync();
        var target = route.Parameters.Contains("user") ? await requests.TargetAsync(route) : null;
        using var request = await requests.MakeAsync(route, target, missing: null);
        using var client = api.WithKey(caller.Session);
        await client.ReadAsync("/api/v2/users/me"); // The key is known, so that the request is let in without a question to the database.

        // Another server is about to commit the end of the key; its row is locked until it does.
        await using var database = await api.OpenDatabaseAsync();
        await using var transaction = await database.BeginTransactionAsync();
        await ExecuteAsync(database, "select 1 from api_keys.owners where user_id = $1 for update", caller.Id);
        await ExecuteAsync(database, "update api_keys.keys set revoked_at = now() where user_id = $1", caller.Id);
        await ExecuteAsync(database, "update api_keys.owners set epoch = epoch + 1 where user_id = $1", caller.Id);
        var answering = client.SendAsync(request);
        await People.EventuallyAsync(async () => answering.IsCompleted || await IsAwaitedAsync(database));
        await transaction.CommitAsync();

        using var answer = await answering;
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, await WrittenByAsync(caller));
    }

    /// <summary>The first read of a Git SSH key makes it, after what the edge asked; whoever loses the right meanwhile makes and reads none.</summary>
    [Fact]
    public async Task A_read_that_writes_is_judged_by_the_rights_of_its_end()
    {
        using var owner = api.As(api.Owner);
        var caller = await api.RegisterUserAsync("user-admin");
        var name = People.NewName();
        using var file = new StringContent(JsonSerializer.Serialize(new { email = $"{name}@example.com", username = name }), Encoding.UTF8, "application/x-ndjson");
        using (var imported = await owner.PostAsync("/api/v2/users/import", file))
        {
            imported.EnsureSuccessStatusCode();
        }

        var user = (await owner.ReadAsync($"/api/v2/users/{name}")).Id();
        using var client = api.As(caller);
        await client.ReadAsync("/api/v2/users/me");

        // Its guard row is being written by somebody else, so that the command waits in the middle.
        await using var database = await api.OpenDatabaseAsync();
        await using var transaction = await database.BeginTransactionAsync();
        await ExecuteAsync(database, "insert into preferences.owners (user_id, deleted) values ($1, false)", user);
        var answering = client.GetAsync($"/api/v2/users/{user}/gitsshkey");
        await People.EventuallyAsync(async () => answering.IsCompleted || await IsAwaitedAsync(database));
        using (var demotion = await owner.PutAsync($"/api/v2/users/{caller.Id}/roles", new StringContent("""{"roles": ["auditor"]}""")))
        {
            await demotion.ShouldBeAsync(HttpStatusCode.OK);
        }

        await transaction.CommitAsync();

        using var answer = await answering;
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await using var stored = new NpgsqlCommand("select count(*) from preferences.git_ssh_keys where user_id = $1", database) { Parameters = { new() { Value = user } } };
        Assert.Equal(0L, await stored.ExecuteScalarAsync());
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_full_cache_forgets_what_ended(string end)
    {
        await using var another = await api.StartAnotherAsync(sameDatabase: true);
        using var owner = api.As(api.Owner);
        var caller = await OwnerWithSessionAsync();
        foreach (var services in (IServiceProvider[])[api.Services, another.Services])
        {
            Fill(services.GetRequiredService<KeyCache>());
        }

        using var here = api.WithKey(caller.Session);
        using var there = another.Client(caller.Session);
        foreach (var client in (HttpClient[])[here, there])
        {
            await client.ReadAsync($"/api/v2/users/{api.Owner.Id}");
        }

        using (var ended = await ends[end](owner, caller))
        {
            Assert.True(ended.IsSuccessStatusCode, $"{ended.StatusCode}");
        }

        var status = end == "demotion" ? HttpStatusCode.NotFound : HttpStatusCode.Unauthorized;
        using var answer = await here.GetAsync($"/api/v2/users/{api.Owner.Id}");
        Assert.Equal(status, answer.StatusCode);
        await People.EventuallyAsync(async () => (await there.GetAsync($"/api/v2/users/{api.Owner.Id}")).StatusCode == status);
    }

    [Theory]
    [InlineData("appearance", """{"theme_preference":"dark"}""")]
    [InlineData("preferences", """{"thinking_display_mode":"preview"}""")]
    [InlineData("autofill-parameters/7a0b5a0e-6b1c-4a53-9f0e-0f6a2b7f3c11", """[{"name":"a","value":"b"}]""")]
    [InlineData("profile", """{"username":"{username}","name":"X"}""")]
    public async Task A_user_who_has_risen_above_the_caller_meanwhile_is_not_written_to(string what, string body)
    {
        using var owner = api.As(api.Owner);
        var (admin, target) = (await api.RegisterUserAsync("user-admin"), await api.CreateAsync());
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v2/users/{target.Id()}/{what}")
        {
            Content = new StringContent(body.Replace("{username}", target.Text("username"), StringComparison.Ordinal)),
        };
        await using var held = await HeldRequest.BeginAsync(api.Address, request, admin.Session);
        using var promoted = await owner.PutAsJsonAsync($"/api/v2/users/{target.Id()}/roles", new { roles = new[] { "owner" } });
        await promoted.ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(403, (await held.FinishAsync()).Status);
    }

    [Theory]
    [InlineData("""{"enabled":false}""")]
    [InlineData("""{"enabled":true,"rollout":{"users":[]}}""")]
    public async Task An_experiment_that_was_switched_off_meanwhile_takes_nothing(string switched)
    {
        await api.TurnAsync("user-skills", on: true);
        var user = await api.RegisterUserAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/experimental/users/me/skills")
        {
            Content = new StringContent(Routes.Of("CreateSkill").Example!),
        };
        await using var held = await HeldRequest.BeginAsync(api.Address, request, user.Session);
        using (var off = await api.As(api.Owner).PutAsync("/api/v2/features/user-skills", new StringContent(switched)))
        {
            await off.ShouldBeAsync(HttpStatusCode.OK);
        }

        var answer = await held.FinishAsync();
        Assert.Equal((404, true), (answer.Status, answer.Body.Contains("Route not found", StringComparison.Ordinal)));
        await api.TurnAsync("user-skills", on: true);
        Assert.Equal(0, (await api.As(user).ReadAsync("/api/experimental/users/me/skills")).GetArrayLength());
    }

    /// <summary>Other ends of the user's keys are no end of this one: each request wins, and none waits for another in a ring.</summary>
    [Theory]
    [InlineData("rotate")]
    [InlineData("delete")]
    [InlineData("log out")]
    [InlineData("write")]
    public async Task Many_keys_of_a_user_end_at_once_and_each_request_has_its_way(string what)
    {
        var user = await OwnerWithSessionAsync();
        using var owner = api.As(api.Owner);
        for (var round = 0; round < 3; round++)
        {
            var keys = new List<string>();
            for (var number = 0; number < 12; number++)
            {
                using var made = await owner.PostAsync($"/api/v2/users/{user.Id}/keys", null);
                keys.Add((await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key"));
            }

            var answers = await Task.WhenAll(keys.Select((key, place) => SendAsync(key, place)));
            Assert.All(answers, answer => Assert.True(answer.IsSuccessStatusCode, $"{what}: {answer.StatusCode}"));
        }

        async Task<HttpResponseMessage> SendAsync(string key, int place)
        {
            using var client = api.WithKey(key);
            return (what, place % 2) switch
            {
                ("delete", _) => await owner.DeleteAsync($"/api/v2/users/{user.Id}/keys/{key[..10]}"),
                ("log out", _) => await client.PostAsync("/api/v2/users/logout", null),
                ("write", 0) => await client.PutAsJsonAsync("/api/v2/users/me/preferences", new { thinking_display_mode = "preview" }),
                _ => await client.PostAsJsonAsync($"/api/v2/users/me/keys/{key[..10]}/rotate", new { }),
            };
        }
    }

    [Fact]
    public async Task Those_who_end_each_others_keys_do_not_wait_for_each_other_in_a_ring()
    {
        var (one, other) = (await OwnerWithSessionAsync(), await OwnerWithSessionAsync());
        await using var database = await api.OpenDatabaseAsync();
        var before = await DeadlocksAsync(database);
        for (var round = 0; round < 15; round++)
        {
            var answers = await Task.WhenAll(
                EndAsync(one, other), EndAsync(other, one), MakeAsync(one, other), MakeAsync(other, one), MakeAsync(one, one), EndAsync(one, one));
            Assert.DoesNotContain(answers, answer => (int)answer.StatusCode >= 500);
            (one, other) = (await AgainAsync(one), await AgainAsync(other));
        }

        await People.EventuallyAsync(async () => await DeadlocksAsync(database) >= before); // Statistics follow after a moment.
        Assert.Equal(before, await DeadlocksAsync(database));

        Task<HttpResponseMessage> EndAsync(ApiUser by, ApiUser user) => api.As(by).DeleteAsync($"/api/v2/users/{user.Id}/sessions");
        Task<HttpResponseMessage> MakeAsync(ApiUser by, ApiUser user) => api.As(by).PostAsJsonAsync($"/api/v2/users/{user.Id}/keys/tokens", new { });
        async Task<ApiUser> AgainAsync(ApiUser user)
        {
            using var made = await api.As(api.Owner).PostAsync($"/api/v2/users/{user.Id}/keys", null);
            return user with { Session = (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key") };
        }
    }

    [Fact]
    public async Task A_caller_with_other_rights_meanwhile_is_judged_by_the_rights_of_now()
    {
        using var owner = api.As(api.Owner);
        var member = await api.RegisterUserAsync();
        var name = People.NewName();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users")
        {
            Content = JsonContent.Create(api.Request(name)),
        };
        await using var held = await HeldRequest.BeginAsync(api.Address, request, member.Session);
        using var promotion = await owner.PutAsJsonAsync($"/api/v2/users/{member.Id}/roles", new { roles = new[] { "owner" } });
        await promotion.ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(201, (await held.FinishAsync()).Status);
        Assert.Equal(name, (await owner.ReadAsync($"/api/v2/users/{name}")).Text("username"));
    }

    [Fact]
    public async Task A_name_that_passes_to_another_user_meanwhile_lends_nobody_that_users_roles()
    {
        using var owner = api.As(api.Owner);
        var (admin, target, other) = (await api.RegisterUserAsync("user-admin"), await api.RegisterUserAsync(), await api.RegisterUserAsync());
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v2/users/{target.Username}/appearance")
        {
            Content = JsonContent.Create(new { theme_preference = "dark" }),
        };
        await using var held = await HeldRequest.BeginAsync(api.Address, request, admin.Session);

        // The target becomes one whom a user-admin may not write to, another user has its name, and the caller is looked up anew.
        await ChangeAsync($"{target.Id}/roles", new { roles = new[] { "owner" } });
        await ChangeAsync($"{target.Id}/profile", new { username = People.NewName(), name = "" });
        await ChangeAsync($"{other.Id}/profile", new { username = target.Username, name = "" });
        await ChangeAsync($"{admin.Id}/roles", new { roles = new[] { "user-admin", "auditor" } });

        Assert.Equal(404, (await held.FinishAsync()).Status);
        foreach (var user in (ApiUser[])[target, other])
        {
            Assert.Equal("", (await owner.ReadAsync($"/api/v2/users/{user.Id}/appearance")).Text("theme_preference"));
        }

        async Task ChangeAsync(string what, object to)
        {
            using var changed = await owner.PutAsJsonAsync($"/api/v2/users/{what}", to);
            await changed.ShouldBeAsync(HttpStatusCode.OK);
        }
    }

    /// <summary>Keys of as many other users as there is room for, and as many again.</summary>
    private static void Fill(KeyCache cache)
    {
        for (var number = 0; number < 2 * KeyCache.MaxKeys; number++)
        {
            var id = number.ToString("D10", System.Globalization.CultureInfo.InvariantCulture);
            var restrictions = new KeyRestrictions([], PermissionSet.Everything, AllowList.Everything, DateTimeOffset.MaxValue);
            cache.Keep(
                new KnownKey
                {
                    Id = id,
                    Hash = [],
                    ExpiresAt = DateTimeOffset.MaxValue,
                    EndsAt = null,
                    LastUsed = default,
                    Lifetime = default,
                    IsToken = true,
                    Epoch = 0,
                    Caller = new Caller(new PermissionTable([]), restrictions)
                    {
                        UserId = new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]),
                        Username = "",
                        Roles = [],
                        KeyId = id,
                        Status = AccountStatus.Active,
                    },
                },
                cache.Changes);
        }
    }

    private static Task<HttpResponseMessage> DemoteAsync(HttpClient owner, ApiUser caller) =>
        owner.PutAsJsonAsync($"/api/v2/users/{caller.Id}/roles", new { roles = Array.Empty<string>() });

    /// <summary>Whether the route asks for nothing that a member lacks. The path names somebody else, so it has no user.</summary>
    private static bool IsForMembers(Routes.Declared route) => route.Name is "AnswerAgent" or "CheckAuthorization";

    /// <summary>An import is answered as it goes; its last line says why it ended, instead of the summary.</summary>
    private static bool IsImportCutOff(RawAnswer answer) =>
        answer.Status == 200 && answer.Body.Contains("\"message\":", StringComparison.Ordinal) && !answer.Body.Contains("\"created\"", StringComparison.Ordinal);

    /// <summary>An owner with a session; nothing that the caller does depends on how it was made.</summary>
    private async Task<ApiUser> OwnerWithSessionAsync()
    {
        var request = api.Request();
        request["roles"] = new[] { "owner" };
        request["user_status"] = "active";
        var user = await api.CreateAsync(request);
        using var made = await api.As(api.Owner).PostAsync($"/api/v2/users/{user.Id()}/keys", null);
        return new ApiUser(user.Id(), user.Text("username"), (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key"));
    }

    /// <summary>How many changes the log says that the user made. Its own logout is one of the ways to end it.</summary>
    private async Task<long> WrittenByAsync(ApiUser caller)
    {
        await using var database = await api.OpenDatabaseAsync();
        await using var count = new NpgsqlCommand(
            """
            select count(*) from audit.entries
            where user_id = $1 and status_code < 400 and action <> 'logout'
              and not (resource_type = 'user_import' and additional_fields -> 'complete' = 'false')
            """,
            database);
        count.Parameters.Add(new NpgsqlParameter { Value = caller.Id });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static async Task<long> DeadlocksAsync(NpgsqlConnection database)
    {
        await using var count = new NpgsqlCommand("select pg_stat_clear_snapshot(); select deadlocks from pg_stat_database where datname = current_database()", database);
        await using var rows = await count.ExecuteReaderAsync();
        await rows.NextResultAsync();
        await rows.ReadAsync();
        return rows.GetInt64(0);
    }

    private static async Task ExecuteAsync(NpgsqlConnection database, string sql, Guid id)
    {
        await using var command = new NpgsqlCommand(sql, database) { Parameters = { new() { Value = id } } };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Whether somebody waits for what this connection has locked.</summary>
    private static async Task<bool> IsAwaitedAsync(NpgsqlConnection database)
    {
        await using var command = new NpgsqlCommand(
            "select exists (select 1 from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid)))", database);
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
