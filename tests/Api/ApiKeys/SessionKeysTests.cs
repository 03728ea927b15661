using System.Net;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>Session keys for clients that a person signs in from the browser: keys-audit-preferences.md 2.7, 2.9 and 3.2.</summary>
[Collection(SharedApi.Name)]
public sealed class SessionKeysTests(ModularApi api)
{
    private const string Mine = "/api/v2/users/me/keys";

    [Fact]
    public async Task Is_a_session_of_its_own_that_ends_with_the_sign_in()
    {
        var user = await api.RegisterUserAsync();
        await api.ExecuteAsync("update api_keys.keys set ends_at = created_at + interval '2 days' where user_id = $1", user.Id);
        using var made = await api.As(user).PostAsync(Mine, new StringContent("anything"));
        var key = (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
        Assert.False(made.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(cookie => cookie.Contains("session", StringComparison.Ordinal)));

        var read = await api.KeyAsync(key);
        Assert.Equal(("password", "", "all"), (read.Text("login_type"), read.Text("token_name"), read.Text("scope")));
        Assert.Equal(604_800, read.GetProperty("lifetime_seconds").GetInt64());
        Assert.Equal((await api.KeyAsync(user.Session)).Time("created_at") + TimeSpan.FromDays(2), read.Time("expires_at"));

        // Logging the browser out leaves the command line signed in.
        using var ended = await api.As(user).PostAsync("/api/v2/users/logout", null);
        await ended.ShouldBeAsync(HttpStatusCode.OK);
        await api.WithKey(key).ReadAsync("/api/v2/users/me");
    }

    [Fact]
    public async Task Lives_as_long_as_a_token_that_asks_for_no_time()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Tokens:DefaultLifetime"] = "12h" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        using var made = await client.PostAsync(Mine, null);
        var id = Tokens.IdOf((await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key"));
        Assert.Equal(43_200, (await client.ReadAsync($"{Mine}/{id}")).GetProperty("lifetime_seconds").GetInt64());
    }

    [Fact]
    public async Task Made_with_a_token_it_is_a_token_with_a_name()
    {
        var user = await api.RegisterUserAsync();
        var read = await api.KeyAsync(await MakeAsync(api.WithKey(await api.MakeTokenAsync(user))));
        Assert.Equal("token", read.Text("login_type"));
        Assert.Matches("^[a-z]+_[a-z]+[0-9]{2}$", read.Text("token_name"));
    }

    [Fact]
    public async Task Made_with_a_narrow_token_it_is_as_narrow_and_ends_with_it()
    {
        var user = await api.RegisterUserAsync();
        var narrow = await api.As(user).MakeTokenAsync(
            Tokens.Request(["api_key:create", "user:read"], ["api_key:*", $"user:{user.Id}"], TimeSpan.FromHours(1)));
        var read = await api.KeyAsync(await MakeAsync(api.WithKey(narrow)));
        Assert.Equal("token", read.Text("login_type"));
        Assert.Equal(["api_key:create", "user:read"], read.Texts("scopes"));
        Assert.Equal(["api_key:*", $"user:{user.Id}"], read.AllowList());
        Assert.Equal((await api.KeyAsync(narrow)).Time("expires_at"), read.Time("expires_at"));
    }

    [Fact]
    public async Task An_owner_makes_one_for_somebody_else_and_nobody_other_does()
    {
        var user = await api.RegisterUserAsync();
        var key = await MakeAsync(api.As(api.Owner), user.Id.ToString());
        Assert.Equal("password", (await api.KeyAsync(key)).Text("login_type"));
        Assert.Equal(user.Username, (await api.WithKey(key).ReadAsync("/api/v2/users/me")).Text("username"));

        using var admins = await api.As(await api.RegisterUserAsync("user-admin")).PostAsync($"/api/v2/users/{user.Id}/keys", null);
        await admins.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        using var members = await api.As(await api.RegisterUserAsync()).PostAsync($"/api/v2/users/{user.Id}/keys", null);
        await members.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_log_has_it_without_the_key()
    {
        var user = await api.RegisterUserAsync();
        using var made = await api.As(user).PostAsync(Mine, null);
        var key = (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
        var entry = Assert.Single(await api.EntriesOfAsync(made));
        Assert.Equal(("create", "api_key", user.Username), (entry.Text("action"), entry.Text("resource_type"), entry.GetProperty("user").Text("username")));
        Assert.DoesNotContain(key[11..], entry.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_are_none_for_deleted_users_and_no_more_than_the_limit()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:KeysPerUser"] = "2" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        await (await client.PostAsync(Mine, null)).ShouldBeAsync(HttpStatusCode.Created);
        await (await client.PostAsync(Mine, null)).ShouldRefuseAsync(HttpStatusCode.Conflict);

        var gone = await api.RegisterUserAsync();
        using var deleted = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{gone.Id}");
        await (await api.As(api.Owner).PostAsync($"/api/v2/users/{gone.Username}/keys", null)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await api.As(api.Owner).PostAsync($"/api/v2/users/{gone.Id}/keys", null)).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    /// <summary>What a browser does that the command line has opened.</summary>
    [Fact]
    public async Task A_page_of_our_own_makes_one_with_the_cookie_alone()
    {
        var user = await api.RegisterUserAsync();
        using var page = await api.Anonymous.GetAsync("/cli-auth");
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        var html = await page.Content.ReadAsStringAsync();
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        foreach (var element in (string[])["script", "style"])
        {
            var inline = html.Split($"<{element}>")[1].Split($"</{element}>")[0];
            var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(inline)));
            Assert.Contains($"{element}-src 'sha256-{hash}'", policy, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Created, await FromPageAsync("same-origin"));
        Assert.Equal(HttpStatusCode.BadRequest, await FromPageAsync("cross-site"));

        async Task<HttpStatusCode> FromPageAsync(string site)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Mine);
            request.Headers.Add("Cookie", $"coder_session_token={user.Session}");
            request.Headers.Add("Sec-Fetch-Site", site);
            using var answer = await api.Anonymous.SendAsync(request);
            return answer.StatusCode;
        }
    }

    private static async Task<string> MakeAsync(HttpClient client, string user = "me")
    {
        using var made = await client.PostAsync($"/api/v2/users/{user}/keys", null);
        return (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
    }
}
