using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>Reading, listing and deleting keys, and what using one leaves behind.</summary>
[Collection(SharedApi.Name)]
public sealed class UsingKeysTests(ModularApi api)
{
    private const string Tokens = "/api/v2/users/me/keys/tokens";

    private static readonly TimeSpan aMinute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_deleted_token_is_refused_at_once_and_cannot_be_found()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        var path = $"/api/v2/users/me/keys/{token[..10]}";
        using var client = api.As(user);
        await (await client.GetAsync(path)).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(path)).StatusCode);

        await (await api.WithKey(token).GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await (await client.GetAsync(path)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.DeleteAsync(path)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.DeleteAsync("/api/v2/users/me/keys/no-such-key")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Of_two_deletions_at_once_one_finds_nothing()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        for (var round = 0; round < 20; round++)
        {
            var token = await api.MakeTokenAsync(user);

            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => client.DeleteAsync($"/api/v2/users/me/keys/{token[..10]}")));

            Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NotFound], answers.Select(answer => answer.StatusCode).Order());
        }
    }

    [Fact]
    public async Task A_key_may_delete_itself()
    {
        var token = await api.MakeTokenAsync(await api.RegisterUserAsync());
        using var client = api.WithKey(token);

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"/api/v2/users/me/keys/{token[..10]}")).StatusCode);
        await (await client.GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("owner", 200, 204)]
    [InlineData("user-admin", 404, 404)]
    [InlineData("auditor", 404, 404)]
    [InlineData("member", 404, 404)]
    public async Task Others_keys_are_the_owners_to_read_and_delete(string role, int read, int delete)
    {
        var token = await api.MakeTokenAsync(await api.RegisterUserAsync());
        using var client = api.As(await api.RegisterUserAsync(role));

        Assert.Equal(read, (int)(await client.GetAsync($"/api/v2/users/me/keys/{token[..10]}")).StatusCode);
        Assert.Equal(delete, (int)(await client.DeleteAsync($"/api/v2/users/me/keys/{token[..10]}")).StatusCode);
    }

    [Fact]
    public async Task A_key_that_may_only_read_keys_is_refused_a_deletion_and_the_log_says_so()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user, new { token_name = "kept" });
        using var reader = api.WithKey(await api.MakeTokenAsync(user, new { scopes = new[] { "api_key:read" } }));

        await (await reader.DeleteAsync($"/api/v2/users/me/keys/{token[..10]}")).ShouldRefuseAsync(HttpStatusCode.Forbidden);

        await (await api.WithKey(token).GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.OK);
        var log = await (await api.As(api.Owner).GetAsync($"/api/v2/audit?q=action:delete+resource_type:api_key+username:{user.Username}"))
            .ShouldBeAsync(HttpStatusCode.OK);
        var entry = Assert.Single(log.GetProperty("audit_logs").EnumerateArray());
        Assert.Equal((403, "kept"), (entry.GetProperty("status_code").GetInt32(), Text(entry, "resource_target")));
    }

    [Fact]
    public async Task A_list_has_tokens_only_oldest_first_expired_ones_on_request()
    {
        var user = await api.RegisterUserAsync();
        foreach (var name in new[] { "one", "two", "three" })
        {
            await api.MakeTokenAsync(user, new { token_name = name });
        }

        await api.ExecuteAsync("update api_keys.keys set expires_at = now() - interval '1 hour' where user_id = $1 and token_name = 'two'", user.Id);

        Assert.Equal(["one", "three"], await NamesAsync(user, ""));
        Assert.Equal(["one", "two", "three"], await NamesAsync(user, "?include_expired=T"));
        Assert.Equal(["one", "three"], await NamesAsync(user, "?include_expired=yes"));
        Assert.Equal(["one", "three"], await NamesAsync(user, "?include_all=true"));
    }

    [Fact]
    public async Task An_owner_lists_everybodys_and_others_lists_are_empty_to_those_who_may_not()
    {
        var user = await api.RegisterUserAsync();
        await api.MakeTokenAsync(user, new { token_name = "theirs" });
        var admin = await api.RegisterUserAsync("user-admin");

        var everybody = await (await api.As(api.Owner).GetAsync($"{Tokens}?include_all=true")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Contains(everybody.EnumerateArray(), token => Text(token, "username") == user.Username && Text(token, "token_name") == "theirs");
        Assert.Equal("[]", (await api.As(admin).GetStringAsync($"/api/v2/users/{user.Id}/keys/tokens")).Trim());
        await (await api.As(await api.RegisterUserAsync()).GetAsync($"/api/v2/users/{user.Id}/keys/tokens")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_first_use_is_written_down_and_then_one_an_hour()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        using var client = api.WithKey(token);
        await client.GetAsync("/api/v2/users/me");
        var first = await UsedAsync(user, token, since: default);

        await api.ExecuteAsync("update api_keys.keys set last_used = last_used - interval '59 minutes' where id = $1", token[..10]);
        await client.GetAsync("/api/v2/users/me");
        await api.ExecuteAsync("update api_keys.keys set last_used = last_used - interval '2 minutes' where id = $1", token[..10]);
        await client.GetAsync("/api/v2/users/me");

        Assert.True(await UsedAsync(user, token, since: first) > first);
    }

    [Fact]
    public async Task A_session_lives_on_while_it_is_used_until_its_absolute_end_and_a_token_does_not()
    {
        var user = await api.RegisterAndLogInAsync();
        var token = await api.MakeTokenAsync(user, new { token_name = "fixed" });
        var session = user.Session[..10];
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() + interval '1 hour', last_used = now() where user_id = $1", user.Id);
        await api.WithKey(token).GetAsync("/api/v2/users/me");
        await api.As(user).GetAsync("/api/v2/users/me");

        var slid = await ExpiryAsync(user, session, expiry => expiry > TimeProvider.System.GetUtcNow().AddHours(20));
        Assert.InRange(slid, TimeProvider.System.GetUtcNow().AddHours(23), TimeProvider.System.GetUtcNow().AddHours(25));
        Assert.True(await ExpiryAsync(user, token[..10], _ => true) < TimeProvider.System.GetUtcNow().AddHours(2));

        await api.ExecuteAsync("update api_keys.keys set expires_at = now() + interval '1 hour', ends_at = now() + interval '2 hours' where id = $1", session);
        await api.As(user).GetAsync("/api/v2/users/me");
        var ended = await ExpiryAsync(user, session, expiry => expiry > TimeProvider.System.GetUtcNow().AddMinutes(90));
        Assert.True(ended <= TimeProvider.System.GetUtcNow().AddHours(2));
    }

    /// <summary>What everybody may list, a key may be too narrow for.</summary>
    [Theory]
    [InlineData("/api/v2/users/roles")]
    [InlineData("/api/v2/organizations/default/members")]
    [InlineData("/api/v2/organizations/default/paginated-members")]
    [InlineData("/api/v2/organizations/default/members/roles")]
    public async Task A_key_for_organizations_alone_lists_no_people_and_no_roles(string path)
    {
        using var client = api.WithKey(await api.MakeTokenAsync(api.Owner, new { scopes = new[] { "organization:read" } }));
        using var refused = await client.GetAsync(path);
        await refused.ShouldRefuseAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_catalogue_of_scopes_is_public_and_sorted()
    {
        var scopes = (await (await api.Anonymous.GetAsync("/api/v2/auth/scopes")).ShouldBeAsync(HttpStatusCode.OK))
            .GetProperty("external").EnumerateArray().Select(scope => scope.GetString()!).ToArray();

        Assert.Equal(scopes.Order(StringComparer.Ordinal), scopes);
        Assert.Contains("coder:all", scopes);
        Assert.Contains("user:read_personal", scopes);
        Assert.Contains("coder:templates.author", scopes);
        Assert.DoesNotContain("all", scopes);
        Assert.DoesNotContain("user:create", scopes);
    }

    /// <summary>What a token of one scope opens, given the role of an owner.</summary>
    [Theory]
    [InlineData("user:read", "GET /api/v2/users/me", 200)]
    [InlineData("user:read_personal", "GET /api/v2/users/me", 404)]
    [InlineData("user:read_personal", "GET /api/v2/users/me/appearance", 200)]
    [InlineData("user:read", "GET /api/v2/users/me/appearance", 404)]
    [InlineData("user:read_personal", "PUT /api/v2/users/me/appearance", 403)]
    [InlineData("user:update_personal", "PUT /api/v2/users/me/appearance", 400)]
    [InlineData("api_key:read", "GET /api/v2/users/me/keys/tokens", 200)]
    [InlineData("user:*", "GET /api/v2/features", 403)]
    [InlineData("user:*", "DELETE /api/v2/users/me", 403)]
    [InlineData("user:*", "PUT /api/v2/users/me/password", 404)]
    [InlineData("user:read", "GET /api/v2/experiments", 200)]
    [InlineData("workspace:read", "GET /api/v2/users/owner", 404)]
    public async Task A_scope_opens_what_it_covers_and_nothing_else(string scope, string request, int status)
    {
        using var client = api.WithKey(await api.MakeTokenAsync(api.Owner, new { scopes = new[] { scope } }));
        using var message = new HttpRequestMessage(new HttpMethod(request.Split(' ')[0]), request.Split(' ')[1]) { Content = JsonContent.Create(new { }) };

        Assert.Equal(status, (int)(await client.SendAsync(message)).StatusCode);
    }

    [Fact]
    public async Task An_allow_list_admits_what_it_names_and_lists_show_only_that()
    {
        var (one, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        using var client = api.WithKey(await api.MakeTokenAsync(api.Owner, new { allow_list = new[] { $"user:{one.Id}" } }));

        var listed = await (await client.GetAsync("/api/v2/users")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(one.Id, Assert.Single(listed.GetProperty("users").EnumerateArray()).GetProperty("id").GetGuid());
        await (await client.GetAsync($"/api/v2/users/{one.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.GetAsync($"/api/v2/users/{other.Id}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync($"/api/v2/users/{one.Id}/appearance")).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.PostAsJsonAsync("/api/v2/users", new { })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "email", "username");
        await (await client.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { })).ShouldRefuseAsync(HttpStatusCode.Forbidden);
        Assert.Empty((await (await client.GetAsync("/api/v2/audit")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("audit_logs").EnumerateArray());
    }

    private async Task<IEnumerable<string>> NamesAsync(ApiUser user, string query) =>
        (await (await api.As(user).GetAsync(Tokens + query)).ShouldBeAsync(HttpStatusCode.OK)).EnumerateArray().Select(token => Text(token, "token_name"));

    /// <summary>Uses are written behind the answers.</summary>
    private Task<DateTimeOffset> UsedAsync(ApiUser user, string token, DateTimeOffset since) =>
        FieldAsync(user, token[..10], "last_used", used => used > since);

    private Task<DateTimeOffset> ExpiryAsync(ApiUser user, string id, Func<DateTimeOffset, bool> until) => FieldAsync(user, id, "expires_at", until);

    private async Task<DateTimeOffset> FieldAsync(ApiUser user, string id, string field, Func<DateTimeOffset, bool> until)
    {
        using var client = api.As(user);
        using var deadline = new CancellationTokenSource(aMinute);
        while (true)
        {
            var key = await client.GetFromJsonAsync<JsonElement>($"/api/v2/users/me/keys/{id}", deadline.Token);
            if (key.GetProperty(field).GetDateTimeOffset() is var time && until(time))
            {
                return time;
            }
        }
    }

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;
}
