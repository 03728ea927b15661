using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Mcp;

/// <summary>Clients that keep a stream open are told of their user's writes on any server, for as long as they may be there.</summary>
[Collection(AgentsApi.Name)]
public sealed class BeingToldOfChangesTests(ModularApi api) : IAsyncLifetime
{
    private const string PromptsChanged = """{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}""";
    private const string ResourcesChanged = """{"jsonrpc":"2.0","method":"notifications/resources/list_changed"}""";

    public static TheoryData<string> Ends => ["revoked", "expired", "rotated", "suspended", "deleted", "signed out"];

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(Agent.V1)]
    [InlineData(Agent.V2)]
    public async Task A_write_on_one_server_is_told_on_another_and_to_nobody_else(string generation)
    {
        await using var other = await api.StartAnotherAsync(sameDatabase: true);
        var (user, stranger) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        await using var agent = await Agent.ConnectAsync(other.Address, user.Session, generation);
        await using var agentOfStranger = await Agent.ConnectAsync(other.Address, stranger.Session, generation);
        foreach (var list in new[] { "tools", "prompts", "resources" })
        {
            Assert.True(agent.Server.GetProperty("capabilities").GetProperty(list).GetProperty("listChanged").GetBoolean());
        }

        // The SDK of the older revisions opens its stream behind its caller's back; from the first word on it is there.
        await ToldOfAWriteAsync(agent, user, generation);

        await api.As(user).WriteAsync(Skills.File("tidy"));
        await agent.ToldUntilAsync("prompts", "tidy", there: true);
        await agent.ToldUntilAsync("resources", "tidy", there: true);
        await api.As(user).ChangeAsync("tidy", new { content = Skills.File("tidy", body: "Anew.") });
        Assert.Equal("Anew.", (await agent.CallAsync("read_skill", new { name = "tidy" })).GetProperty("structuredContent").GetProperty("body").GetString());
        await agent.ToldAsync("prompts");
        await api.As(user).ChangeAsync("tidy", new { enabled = false });
        await agent.ToldUntilAsync("prompts", "tidy", there: false);
        await api.As(user).ChangeAsync("tidy", new { enabled = true });
        await agent.ToldUntilAsync("prompts", "tidy", there: true);
        await api.As(api.Owner).DeleteAsync($"/api/experimental/users/{user.Id}/skills/tidy");
        await agent.ToldUntilAsync("prompts", "tidy", there: false);

        await agentOfStranger.DoAsync("listPrompts");
        Assert.False(agentOfStranger.WasTold);
    }

    [Fact]
    public async Task An_edit_is_in_the_next_answer_of_another_server()
    {
        await using var other = await api.StartAnotherAsync(sameDatabase: true);
        var user = await api.RegisterUserAsync();
        await api.As(user).WriteAsync(Skills.File("tidy", body: "0"));
        await using var agent = await Agent.ConnectAsync(other.Address, user.Session);

        for (var edit = 1; edit <= 20; edit++)
        {
            await api.As(user).ChangeAsync("tidy", new { content = Skills.File("tidy", body: $"{edit}") });
            var read = await agent.CallAsync("read_skill", new { name = "tidy" });
            Assert.Equal($"{edit}", read.GetProperty("structuredContent").GetProperty("body").GetString());
        }
    }

    [Fact]
    public async Task A_refused_write_is_not_told()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).WriteAsync(Skills.File("tidy"));
        await using var stream = await EventStream.OpenAsync(api.Address, user.Session);

        using var refused = await api.As(user).PostAsJsonAsync(Skills.Path, new { content = Skills.File("tidy") });
        await refused.ShouldBeAsync(HttpStatusCode.Conflict);
        await api.TurnAsync("user-skills", on: false);

        Assert.Empty(await stream.ToEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Switching_the_experiment_off_ends_streams_and_nothing_is_told_any_more(bool onAnotherServer)
    {
        await using var server = await api.StartAnotherAsync(sameDatabase: true);
        var user = await api.RegisterUserAsync();
        var address = onAnotherServer ? server.Address : api.Address;
        await using var agent = await Agent.ConnectAsync(address, user.Session, Agent.V2);
        await using var older = await Agent.ConnectAsync(address, user.Session);
        await using var stream = await EventStream.OpenAsync(address, user.Session);

        await api.TurnAsync("user-skills", on: false);

        Assert.Empty(await stream.ToEndAsync());
        Assert.Equal("graceful", (await agent.ToldAsync("closed")).GetProperty("why").GetString());
        foreach (var client in new[] { agent, older })
        {
            Assert.Contains("Route not found", (await client.FailAsync("listPrompts")).GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        await api.TurnAsync("user-skills", on: true);
        await HeardOfAsync(address, user);
        await older.DoAsync("listPrompts"); // No session was lost, as there was none.
    }

    [Fact]
    public async Task Leaving_the_rollout_ends_a_stream_and_leaves_others_open()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        using var asOwner = server.Client(owner.Session);
        var made = await asOwner.PostAsJsonAsync(
            "/api/v2/users", new { username = "bob", email = "bob@example.com", password = ModularApi.Password, organization_ids = new[] { organization } });
        var bob = (await made.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        var login = await server.Client().PostAsJsonAsync("/api/v2/users/login", new { email = "bob@example.com", password = ModularApi.Password });
        var session = (await login.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("session_token").GetString()!;

        await RollOutAsync(owner.Id, bob);
        await using var ofBob = await EventStream.OpenAsync(server.Address, session);
        await using var ofOwner = await EventStream.OpenAsync(server.Address, owner.Session);
        await RollOutAsync(owner.Id);

        Assert.Empty(await ofBob.ToEndAsync());
        await asOwner.WriteAsync(Skills.File("tidy"));
        Assert.Equal(PromptsChanged, await ofOwner.NextAsync());
        Assert.Equal(ResourcesChanged, await ofOwner.NextAsync());
        using var gone = await server.Client(session).GetAsync("/api/experimental/mcp");
        await gone.ShouldBeAsync(HttpStatusCode.NotFound);

        async Task RollOutAsync(params Guid[] users)
        {
            using var switched = await asOwner.PutAsJsonAsync("/api/v2/features/user-skills", new { enabled = true, rollout = new { users } });
            await switched.ShouldBeAsync(HttpStatusCode.OK);
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_stream_ends_with_its_key_wherever_that_ends(string how)
    {
        await using var other = await api.StartAnotherAsync(sameDatabase: true);
        var user = await api.RegisterUserAsync();
        var token = how == "signed out" ? user.Session : await api.MakeTokenAsync(user);
        var (before, keys) = (api.As(user), $"/api/v2/users/{user.Id}/keys");
        await using var stream = await EventStream.OpenAsync(other.Address, token);
        await using var agent = await Agent.ConnectAsync(other.Address, token, Agent.V2);

        using var ended = how switch
        {
            "revoked" => await before.DeleteAsync($"{keys}/{token[..10]}"),
            "expired" => await before.PutAsync($"{keys}/{token[..10]}/expire", null),
            "rotated" => await before.PostAsJsonAsync($"{keys}/{token[..10]}/rotate", new { }),
            "suspended" => await api.As(api.Owner).PutAsync($"/api/v2/users/{user.Id}/status/suspend", null),
            "deleted" => await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}"),
            _ => await before.PostAsync("/api/v2/users/logout", null),
        };
        Assert.True(ended.IsSuccessStatusCode, await ended.Content.ReadAsStringAsync());

        Assert.Empty(await stream.ToEndAsync());
        Assert.Equal("graceful", (await agent.ToldAsync("closed")).GetProperty("why").GetString());
        Assert.Contains("signed in", (await agent.FailAsync("listPrompts")).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_is_no_use_of_its_key()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        await using var stream = await EventStream.OpenAsync(api.Address, token);
        await using var connection = await api.OpenDatabaseAsync();
        await using (var reset = new Npgsql.NpgsqlCommand($"update api_keys.keys set last_used = '2020-01-01Z' where id = '{token[..10]}'", connection))
        {
            await reset.ExecuteNonQueryAsync();
        }

        // Three times it looks whether the key is still good, at least.
        for (var told = 0; told < 3; told++)
        {
            await api.As(user).WriteAsync(Skills.File($"s{told}"));
            await stream.NextAsync();
            await stream.NextAsync();
        }

        await using var used = new Npgsql.NpgsqlCommand($"select extract(year from last_used)::int from api_keys.keys where id = '{token[..10]}'", connection);
        Assert.Equal(2020, await used.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Beyond_the_limit_the_oldest_stream_of_the_user_goes()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:McpStreams"] = "2" }, sameDatabase: true);
        var (user, stranger) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        await using var ofStranger = await EventStream.OpenAsync(server.Address, stranger.Session);
        await using var first = await EventStream.OpenAsync(server.Address, user.Session);
        await using var second = await EventStream.OpenAsync(server.Address, user.Session);
        await using var third = await EventStream.OpenAsync(server.Address, user.Session);

        Assert.Empty(await first.ToEndAsync());
        await api.As(user).WriteAsync(Skills.File("tidy"));
        await api.As(stranger).WriteAsync(Skills.File("tidy"));
        foreach (var open in new[] { second, third, ofStranger })
        {
            Assert.Equal(PromptsChanged, await open.NextAsync());
        }
    }

    [Fact]
    public async Task A_server_that_could_not_listen_tells_everybody_when_it_can_again()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = "user-skills" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        await using var stream = await EventStream.OpenAsync(server.Address, owner.Session);
        await using var connection = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();

        await using var cut = new Npgsql.NpgsqlCommand(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()", connection);
        await cut.ExecuteScalarAsync();

        Assert.Equal("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""", await stream.NextAsync());
        Assert.Equal(PromptsChanged, await stream.NextAsync());
    }

    [Fact]
    public async Task Streams_do_not_hold_up_a_server_that_stops()
    {
        var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = "user-skills" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        await using var stream = await EventStream.OpenAsync(server.Address, owner.Session);
        await using var agent = await Agent.ConnectAsync(server.Address, owner.Session, Agent.V2);

        await server.DisposeAsync();

        // Had they been waited for, they would have been cut.
        Assert.Empty(await stream.ToEndAsync());
        Assert.Equal("graceful", (await agent.ToldAsync("closed")).GetProperty("why").GetString());
    }

    /// <summary>Waits until the server, which may be another than that of the switch, has heard that the experiment is on.</summary>
    private async Task HeardOfAsync(Uri server, ApiUser user)
    {
        using var client = api.As(user);
        await People.EventuallyAsync(async () => (await client.GetStringAsync(new Uri(server, "/api/v2/experiments"))).Contains("user-skills", StringComparison.Ordinal));
    }

    /// <summary>Writes until the agent is told of it: then its stream is open.</summary>
    private async Task ToldOfAWriteAsync(Agent agent, ApiUser user, string generation)
    {
        if (generation == Agent.V2)
        {
            return; // It connects once the stream is acknowledged.
        }

        await api.As(user).WriteAsync(Skills.File("first"));
        while (!agent.WasTold)
        {
            await api.As(user).ChangeAsync("first", new { enabled = true });
        }
    }
}
