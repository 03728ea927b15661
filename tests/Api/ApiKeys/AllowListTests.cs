using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>Allow lists: how they are written, checked and stored, and what they admit: keys-audit-preferences.md 5.</summary>
[Collection(SharedApi.Name)]
public sealed class AllowListTests(ModularApi api) : IAsyncLifetime
{
    private const string A = "aaaaaaaa-1111-4111-8111-111111111111";
    private const string B = "bbbbbbbb-2222-4222-8222-222222222222";

    private const string Types = """
        * ai_model_price ai_provider ai_seat aibridge_interception api_key assign_org_role assign_role audit_log boundary_usage chat
        connection_log crypto_key debug_info deployment_config deployment_stats file group group_member idpsync_settings
        inbox_notification license notification_message notification_preference notification_template oauth2_app
        oauth2_app_code_token oauth2_app_secret organization organization_member prebuilt_workspace provisioner_daemon
        provisioner_jobs replicas system tailnet_coordinator task template usage_event user user_secret user_skill
        webpush_subscription workspace workspace_agent_devcontainers workspace_agent_resource_monitor workspace_dormant workspace_proxy
        """;

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Is_written_as_objects_or_texts_and_answered_as_objects()
    {
        using var made = await api.As(await api.RegisterUserAsync()).AskForTokenAsync(
            $$"""{"allow_list": [{"type": "workspace", "id": "{{A}}"}, "template:{{B}}", {"ID": "*", "Type": "file"}]}""");
        var key = await api.KeyAsync((await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key"));
        Assert.Equal(
            JsonSerializer.Serialize(new[] { new { type = "file", id = "*" }, new { type = "template", id = B }, new { type = "workspace", id = A } }),
            key.GetProperty("allow_list").GetRawText());
    }

    [Fact]
    public async Task Of_every_known_type_is_accepted()
    {
        var types = Types.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        string[] entries = [.. types.Select(type => $"{type}:{A}")];
        Assert.Equal(entries.Order(StringComparer.Ordinal), (await api.NewTokenAsync(Tokens.Request(allowList: entries))).AllowList());
    }

    [Theory]
    [InlineData("unknown:*")]
    [InlineData("Workspace:*")]
    [InlineData("feature:*")]
    [InlineData("coder:all")]
    [InlineData("workspace:nonsense")]
    [InlineData("workspace:**")]
    [InlineData("workspace:a:b")]
    [InlineData($"workspace:{A}0")]
    [InlineData("api_key:AAAAAAAAAA")]
    public async Task Of_an_unknown_type_or_id_is_400(string entry)
    {
        using var answer = await api.As(api.Owner).AskForTokenAsync(Tokens.Request(allowList: ["workspace:*", entry]));
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "allow_list");
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task Has_at_most_128_entries_counted_as_sent(int count, bool accepted)
    {
        using var answer = await api.As(await api.RegisterUserAsync())
            .AskForTokenAsync(Tokens.Request(allowList: [.. Enumerable.Repeat("workspace:*", count)]));
        if (accepted)
        {
            Assert.Equal(["workspace:*"], (await api.KeyAsync((await answer.ShouldBeAsync(HttpStatusCode.Created)).Text("key"))).AllowList());
        }
        else
        {
            await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "allow_list");
        }
    }

    [Theory]
    [InlineData("workspace:* *:* file:*", "*:*")]
    [InlineData($"workspace:{A} workspace:* workspace:{B} file:{A}", $"file:{A} workspace:*")]
    [InlineData($"workspace:{B} workspace:{A} workspace:{B}", $"workspace:{A} workspace:{B}")]
    [InlineData($"workspace_proxy:{A} workspace:{A} task:* *:{A}", $"*:{A} task:* workspace:{A} workspace_proxy:{A}")]
    [InlineData("workspace:AAAAAAAA-1111-4111-8111-111111111111", $"workspace:{A}")]
    [InlineData("workspace:aaaaaaaa111141118111111111111111", $"workspace:{A}")]
    [InlineData($"workspace:{{{A}}}", $"workspace:{A}")]
    [InlineData($"workspace:urn:uuid:{A}", $"workspace:{A}")]
    [InlineData($"workspace:{{{A}}} workspace:AAAAAAAA-1111-4111-8111-111111111111", $"workspace:{A}")]
    public async Task Is_stored_in_normal_form(string sent, string stored) =>
        Assert.Equal(stored.Split(' '), (await api.NewTokenAsync(Tokens.Request(allowList: sent.Split(' ')))).AllowList());

    [Theory]
    [InlineData(" workspace : * ", "workspace:*")]
    [InlineData($"workspace: {A}", $"workspace:{A}")]
    public async Task Blanks_around_the_parts_of_a_text_are_dropped(string sent, string stored) =>
        Assert.Equal([stored], (await api.NewTokenAsync(Tokens.Request(allowList: [sent]))).AllowList());

    [Fact]
    public async Task Cannot_be_stored_empty() =>
        await Assert.ThrowsAsync<Npgsql.PostgresException>(async () => await api.ExecuteAsync(
            "update api_keys.keys set allow_list = '{}' where id = $1", Tokens.IdOf((await api.RegisterUserAsync()).Session)));

    [Fact]
    public async Task Filters_the_list_of_users()
    {
        var (one, two) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        var names = await UsersAsync(await OwnersAsync($"user:{one.Id}", $"user:{two.Id}"));
        Assert.Equal(new[] { one.Username, two.Username }.Order(StringComparer.Ordinal), names);
        Assert.Empty(await UsersAsync(await OwnersAsync("workspace:*")));
        Assert.Empty(await UsersAsync(await OwnersAsync($"*:{one.Id}")));
        Assert.Contains(one.Username, await UsersAsync(await OwnersAsync("user:*")));

        static async Task<string[]> UsersAsync(HttpClient client) =>
            [.. (await client.ReadAsync("/api/v2/users")).GetProperty("users").EnumerateArray().Select(user => user.Text("username"))];
    }

    [Fact]
    public async Task Shows_no_more_than_the_role_does()
    {
        var (user, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        var token = await api.MakeTokenAsync(user, Tokens.Request(allowList: [$"user:{other.Id}"]));
        await (await api.WithKey(token).GetAsync($"/api/v2/users/{other.Id}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Empty((await api.WithKey(token).ReadAsync("/api/v2/users")).GetProperty("users").EnumerateArray());
    }

    [Fact]
    public async Task Admits_the_user_that_the_path_names()
    {
        var (one, two) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        var client = await OwnersAsync($"user:{one.Id}");
        await client.ReadAsync($"/api/v2/users/{one.Username}");
        await client.ReadAsync($"/api/v2/users/{one.Id}/appearance");
        await (await client.GetAsync($"/api/v2/users/{two.Username}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync($"/api/v2/users/{two.Id}/appearance")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.PutAsJsonAsync($"/api/v2/users/{two.Id}/appearance", new { theme_preference = "dark" }))
            .ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.DeleteAsync($"/api/v2/users/{two.Id}")).ShouldRefuseAsync(HttpStatusCode.NotFound);

        // What a deletion takes along is not asked for.
        await (await client.DeleteAsync($"/api/v2/users/{one.Id}")).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_an_id_for_every_type_matches_nothing()
    {
        var user = await api.RegisterUserAsync();
        var client = await OwnersAsync($"*:{user.Id}");
        await (await client.GetAsync($"/api/v2/users/{user.Id}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Need_not_name_oneself_for_me_to_be_resolved_but_for_what_is_below()
    {
        var user = await api.RegisterUserAsync();
        var workspaces = api.WithKey(await api.MakeTokenAsync(user, Tokens.Request(allowList: ["workspace:*"])));
        await (await workspaces.GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await workspaces.GetAsync($"/api/v2/users/{user.Id}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await workspaces.GetAsync("/api/v2/users/me/appearance")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await workspaces.PutAsJsonAsync("/api/v2/users/me/appearance", new { theme_preference = "dark" })).ShouldRefuseAsync(HttpStatusCode.Forbidden);
        await (await workspaces.GetAsync($"/api/v2/users/{user.Id}/keys/tokens")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Empty(await workspaces.TokenNamesAsync());

        var keys = api.WithKey(await api.MakeTokenAsync(user, Tokens.Request(allowList: ["api_key:*"])));
        Assert.Equal(2, (await keys.TokenNamesAsync()).Length);
        await keys.ReadAsync($"/api/v2/users/me/keys/{Tokens.IdOf(user.Session)}");
        await (await keys.GetAsync($"/api/v2/users/{user.Id}/keys/tokens")).ShouldRefuseAsync(HttpStatusCode.NotFound);

        var self = api.WithKey(await api.MakeTokenAsync(user, Tokens.Request(allowList: [$"user:{user.Id}"])));
        await self.ReadAsync("/api/v2/users/me");
        await self.ReadAsync("/api/v2/users/me/appearance");
        Assert.Empty(await self.TokenNamesAsync());
    }

    [Theory]
    [InlineData("user:{id}", HttpStatusCode.Forbidden)]
    [InlineData("user:{id} organization_member:*", HttpStatusCode.Forbidden)]
    [InlineData("*:*", HttpStatusCode.Created)]
    public async Task Something_new_has_no_id_yet_and_needs_its_whole_type(string entries, HttpStatusCode status)
    {
        var owner = await api.RegisterUserAsync("owner");
        var token = await api.MakeTokenAsync(
            owner, Tokens.Request(allowList: entries.Replace("{id}", $"{owner.Id}", StringComparison.Ordinal).Split(' ')));
        using var answer = await api.WithKey(token).PostAsJsonAsync("/api/v2/users", api.Request());
        await answer.ShouldBeAsync(status);
    }

    [Theory]
    [InlineData("audit_log:*", true)]
    [InlineData("*:*", true)]
    [InlineData("user:*", false)]
    [InlineData($"audit_log:{A}", false)]
    public async Task Filters_the_audit_log(string entry, bool shown)
    {
        var log = await (await OwnersAsync(entry)).ReadAsync("/api/v2/audit?limit=1");
        Assert.Equal(shown, log.GetProperty("count").GetInt32() > 0);
        Assert.Equal(shown ? 1 : 0, log.GetProperty("audit_logs").GetArrayLength());
    }

    [Theory]
    [InlineData("deployment_config:*", HttpStatusCode.OK)]
    [InlineData("user:*", HttpStatusCode.Forbidden)]
    public async Task Admits_the_experiments_by_their_type(string entry, HttpStatusCode status)
    {
        var client = await OwnersAsync(entry);
        await (await client.GetAsync("/api/v2/features")).ShouldBeAsync(status);
        await (await client.PutAsJsonAsync("/api/v2/features/user-skills", new { enabled = true })).ShouldBeAsync(status);
    }

    private async Task<HttpClient> OwnersAsync(params string[] entries) =>
        api.WithKey(await api.MakeTokenAsync(api.Owner, Tokens.Request(allowList: entries)));
}
