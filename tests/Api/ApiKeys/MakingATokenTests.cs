using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>What a token can be asked to be, and in which order what is wrong is told.</summary>
[Collection(SharedApi.Name)]
public sealed class MakingATokenTests(ModularApi api)
{
    private const string Mine = "/api/v2/users/me/keys/tokens";
    private const long Hour = 3_600_000_000_000;
    private const long Day = 24 * Hour;

    [Fact]
    public async Task Without_any_field_it_is_an_ordinary_token_for_a_week()
    {
        var user = await api.RegisterUserAsync();
        var key = await api.MakeTokenAsync(user);

        var token = Assert.Single(await TokensAsync(user));
        Assert.Matches("^[A-Za-z0-9]{10}-[A-Za-z0-9]{22}$", key);
        Assert.Equal(key[..10], Text(token, "id"));
        Assert.Matches("^[a-z]+_[a-z]+[0-9]{2}$", Text(token, "token_name"));
        Assert.Equal(("token", "all", user.Username), (Text(token, "login_type"), Text(token, "scope"), Text(token, "username")));
        Assert.Equal("""["coder:all"]""", token.GetProperty("scopes").ToString());
        Assert.Equal("""[{"type":"*","id":"*"}]""", token.GetProperty("allow_list").ToString());
        Assert.Equal("0001-01-01T00:00:00Z", Text(token, "last_used"));
        Assert.Equal(604_800, token.GetProperty("lifetime_seconds").GetInt64());
        Assert.Equal(TimeSpan.FromDays(7), token.GetProperty("expires_at").GetDateTimeOffset() - token.GetProperty("created_at").GetDateTimeOffset());
    }

    public static TheoryData<string, string?> Wrong => new()
    {
        { """{"lifetime": -1}""", "lifetime" },
        { """{"lifetime": 3155760000000000001}""", "lifetime" },
        { """{"lifetime": 1.5}""", null },
        { """{"lifetime": 1e3}""", null },
        { """{"lifetime": "1"}""", null },
        { """{"scope": "debug_info:read"}""", "scope" },
        { """{"scopes": ["debug_info:read"]}""", "scopes" },
        { """{"scopes": [""]}""", "scopes" },
        { """{"scopes": ["USER:READ"]}""", "scopes" },
        { """{"scopes": ["user:read", "user:create"]}""", "scopes" },
        { """{"scopes": "user:read"}""", null },
        { """{"allow_list": [{"type": "unknown", "id": "*"}]}""", "allow_list" },
        { """{"allow_list": ["Workspace:*"]}""", "allow_list" },
        { """{"allow_list": ["workspace:not-a-uuid"]}""", "allow_list" },
        { """{"allow_list": ["workspace"]}""", null },
        { """{"allow_list": [":*"]}""", null },
        { """{"allow_list": [{"type": "workspace"}]}""", null },
        { """{"allow_list": [{}]}""", null },
        { $"{{\"allow_list\": [{string.Join(',', Enumerable.Repeat("\"workspace:*\"", 129))}]}}", "allow_list" },
        { $"{{\"token_name\": \"{new string('x', 257)}\"}}", "token_name" },
        { """{"token_name": "a\tb"}""", "token_name" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task What_cannot_be_is_refused_by_the_field(string body, string? field)
    {
        var user = await api.RegisterUserAsync();
        using var answer = await api.As(user).PostAsync(Mine, new StringContent(body, Encoding.UTF8, "application/json"));

        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, field is null ? [] : [field]);
        Assert.Empty(await TokensAsync(user));
    }

    [Theory]
    [InlineData("""{"scope": "application_connect"}""", "application_connect", """["coder:application_connect"]""")]
    [InlineData("""{"scope": "all"}""", "all", """["coder:all"]""")]
    [InlineData("""{"scope": "coder:all"}""", "all", """["coder:all"]""")]
    [InlineData("""{"scope": "workspace:read"}""", "", """["workspace:read"]""")]
    [InlineData("""{"scopes": ["all", "coder:all"]}""", "all", """["coder:all"]""")]
    [InlineData("""{"scopes": ["user:read", "api_key:*", "user:read"], "scope": "nonsense"}""", "", """["user:read","api_key:*"]""")]
    [InlineData("""{"scopes": ["coder:workspaces.delete", "coder:apikeys.manage_self"]}""", "", """["coder:workspaces.delete","coder:apikeys.manage_self"]""")]
    public async Task Scopes_are_stored_by_their_full_names(string body, string scope, string scopes)
    {
        var user = await api.RegisterUserAsync();
        using var answer = await api.As(user).PostAsync(Mine, new StringContent(body, Encoding.UTF8, "application/json"));
        await answer.ShouldBeAsync(HttpStatusCode.Created);

        var token = Assert.Single(await TokensAsync(user));
        Assert.Equal((scope, scopes), (Text(token, "scope"), token.GetProperty("scopes").ToString()));
    }

    private const string A = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";

    [Theory]
    [InlineData($$"""["workspace:{{A}}"]""", $$"""[{"type":"workspace","id":"{{A}}"}]""")]
    [InlineData($$"""["workspace:{AAAAAAAAAAAA4AAA8AAAAAAAAAAAAAAA}", {"type": "user", "id": "*"}]""", null)]
    [InlineData($$"""["workspace:AAAAAAAAAAAA4AAA8AAAAAAAAAAAAAAA", {"type": "user", "id": "*"}]""", $$"""[{"type":"user","id":"*"},{"type":"workspace","id":"{{A}}"}]""")]
    [InlineData($$"""["workspace:{{A}}", "workspace:*"]""", """[{"type":"workspace","id":"*"}]""")]
    [InlineData("""["workspace:*", "*:*"]""", """[{"type":"*","id":"*"}]""")]
    [InlineData($$"""[" user : {{A}} ", {"type": "user", "id": "{{A}}"}]""", $$"""[{"type":"user","id":"{{A}}"}]""")]
    [InlineData("[]", """[{"type":"*","id":"*"}]""")]
    public async Task An_allow_list_is_kept_in_normal_form(string entries, string? stored)
    {
        var user = await api.RegisterUserAsync();
        using var answer = await api.As(user).PostAsync(Mine, new StringContent($"{{\"allow_list\": {entries}}}", Encoding.UTF8, "application/json"));
        if (stored is null)
        {
            await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "allow_list");
            return;
        }

        await answer.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(stored, Assert.Single(await TokensAsync(user)).GetProperty("allow_list").ToString());
    }

    /// <summary>Maxima in days for everybody and for owners; then whose token, its days, and the status.</summary>
    public static TheoryData<int, int, (bool ForOwner, int Days, int Status)[]> Maxima => new()
    {
        { 7, 7, [(false, 6, 201), (false, 7, 201), (false, 8, 400)] },
        { 7, 14, [(true, 10, 201), (true, 15, 400), (false, 8, 400), (false, 6, 201)] },
        { 14, 7, [(true, 8, 400), (true, 6, 201), (false, 10, 201), (false, 15, 400)] },
    };

    [Theory, MemberData(nameof(Maxima))]
    public async Task The_longest_lifetime_is_that_of_the_target_user(int maxDays, int maxAdminDays, (bool ForOwner, int Days, int Status)[] cases)
    {
        await using var server = await api.StartAnotherAsync(new()
        {
            ["Modular:Tokens:MaxLifetime"] = $"{maxDays}d",
            ["Modular:Tokens:MaxAdminLifetime"] = $"{maxAdminDays}d",
        });
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        var made = await client.PostAsJsonAsync("/api/v2/users", new { username = "svc", service_account = true, organization_ids = new[] { organization } });
        var member = Text(await made.ShouldBeAsync(HttpStatusCode.Created), "id");
        foreach (var (forOwner, days, status) in cases)
        {
            using var answer = await client.PostAsJsonAsync($"/api/v2/users/{(forOwner ? "me" : member)}/keys/tokens", new { lifetime = days * Day });
            await answer.ShouldRefuseOrBeAsync((HttpStatusCode)status, "lifetime");
        }
    }

    [Fact]
    public async Task The_default_lifetime_is_the_operators_and_a_lifetime_in_seconds_by_mistake_is_a_dead_key()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Tokens:DefaultLifetime"] = "12h", ["Modular:Tokens:MaxAdminLifetime"] = "1h" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        await (await client.PostAsJsonAsync(Mine, new { lifetime = 0 })).ShouldBeAsync(HttpStatusCode.Created);
        var dead = Text(await (await client.PostAsJsonAsync(Mine, new { lifetime = 604_800 })).ShouldBeAsync(HttpStatusCode.Created), "key");

        var tokens = await (await client.GetAsync($"{Mine}?include_expired=true")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal([43_200, 0], tokens.EnumerateArray().Select(token => token.GetProperty("lifetime_seconds").GetInt64()));
        var refused = await (await server.Client(dead).GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.Unauthorized);
        Assert.Equal("API key expired", Text(refused, "detail"));
    }

    [Fact]
    public async Task A_name_is_unique_per_user_and_case_sensitive()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        await (await client.PostAsJsonAsync(Mine, new { token_name = "ci" })).ShouldBeAsync(HttpStatusCode.Created);

        await (await client.PostAsJsonAsync(Mine, new { token_name = "ci" })).ShouldRefuseAsync(HttpStatusCode.Conflict, "name");
        await (await client.PostAsJsonAsync(Mine, new { token_name = "CI" })).ShouldBeAsync(HttpStatusCode.Created);
        await (await api.As(await api.RegisterUserAsync()).PostAsJsonAsync(Mine, new { token_name = "ci" })).ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_many_with_the_same_name_at_once_one_is_made()
    {
        using var client = api.As(await api.RegisterUserAsync());

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.PostAsJsonAsync(Mine, new { token_name = "same" })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(9, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_user_has_at_most_as_many_keys_as_the_operator_allows()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:KeysPerUser"] = "3" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.PostAsJsonAsync(Mine, new { })));

        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created)); // The session is the third.
        Assert.Equal(4, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData("owner", 201)]
    [InlineData("user-admin", 403)]
    [InlineData("auditor", 403)]
    [InlineData("template-admin", 403)]
    [InlineData("member", 404)]
    public async Task Tokens_for_others_are_the_owners_to_make(string role, int status)
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(await api.RegisterUserAsync(role));

        Assert.Equal(status, (int)(await client.PostAsJsonAsync($"/api/v2/users/{user.Id}/keys/tokens", new { })).StatusCode);
        Assert.Equal(status == 404 ? 404 : 400, (int)(await client.PostAsJsonAsync($"/api/v2/users/{user.Id}/keys/tokens", new { scopes = new[] { "x" } })).StatusCode);
    }

    [Theory]
    [InlineData("""{"scopes":["api_key:create"]}""", """{}""", 201)]
    [InlineData("""{"scopes":["api_key:create"]}""", """{"scopes":["api_key:create"]}""", 201)]
    [InlineData("""{"scopes":["api_key:create"]}""", """{"scopes":["coder:all"]}""", 403)]
    [InlineData("""{"scopes":["api_key:create"]}""", """{"scopes":["api_key:*"]}""", 403)]
    [InlineData("""{"scopes":["api_key:*"]}""", """{"scopes":["api_key:create"]}""", 201)]
    [InlineData("""{"scopes":["api_key:*"]}""", """{"scopes":["coder:apikeys.manage_self"]}""", 201)]
    [InlineData("""{"scopes":["coder:apikeys.manage_self"]}""", """{"scopes":["api_key:*"]}""", 403)]
    [InlineData("""{"scopes":["api_key:create","coder:workspaces.access"]}""", """{"scopes":["workspace:ssh"]}""", 201)]
    [InlineData("""{"scopes":["user:read"]}""", """{"scopes":["user:read"]}""", 403)]
    [InlineData("""{"allow_list":["api_key:*","workspace:*"]}""", $$"""{"allow_list":["workspace:{{A}}"]}""", 201)]
    [InlineData($$"""{"allow_list":["api_key:*","workspace:{{A}}"]}""", """{"allow_list":["workspace:*"]}""", 403)]
    [InlineData("""{"allow_list":["api_key:*"]}""", """{"allow_list":["*:*"]}""", 403)]
    [InlineData("""{"allow_list":["workspace:*"]}""", """{}""", 403)]
    public async Task A_key_makes_keys_only_within_its_own(string own, string asked, int status)
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user, JsonSerializer.Deserialize<JsonElement>(own));
        using var client = api.WithKey(token);

        using var answer = await client.PostAsync(Mine, new StringContent(asked, Encoding.UTF8, "application/json"));

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 201)
        {
            var made = Assert.Single(await TokensAsync(user), made => Text(made, "id") != token[..10]);
            var caller = Assert.Single(await TokensAsync(user), made => Text(made, "id") == token[..10]);
            Assert.True(made.GetProperty("expires_at").GetDateTimeOffset() <= caller.GetProperty("expires_at").GetDateTimeOffset());
        }
    }

    private async Task<IReadOnlyList<JsonElement>> TokensAsync(ApiUser user) =>
        [.. (await (await api.As(user).GetAsync(Mine)).ShouldBeAsync(HttpStatusCode.OK)).EnumerateArray()];

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;
}
