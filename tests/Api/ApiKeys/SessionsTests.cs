using System.Net;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>Where a user is logged in, and ending it: additions.md 5.</summary>
[Collection(SharedApi.Name)]
public sealed class SessionsTests(ModularApi api)
{
    [Fact]
    public async Task A_user_sees_the_own_sessions_and_which_one_asks()
    {
        var user = await api.RegisterUserAsync();
        var second = await api.LogInAsync(user.Id, user.Username);
        var third = await api.LogInAsync(user.Id, user.Username);
        await api.MakeTokenAsync(user);
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() where id = $1", Tokens.IdOf(third.Session));

        var sessions = (await api.As(user).ReadAsync("/api/v2/users/me/sessions")).EnumerateArray().ToArray();
        Assert.Equal([Tokens.IdOf(second.Session), Tokens.IdOf(user.Session)], sessions.Select(session => session.Text("id")));
        Assert.Equal([false, true], sessions.Select(session => session.GetProperty("current").GetBoolean()));
        Assert.All(sessions, session => Assert.Equal(("password", "127.0.0.1"), (session.Text("login_type"), session.Text("ip_address"))));
        Assert.Equal(2, (await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}/sessions")).GetArrayLength());
        Assert.Equal(0, (await api.As(await api.RegisterUserAsync("user-admin")).ReadAsync($"/api/v2/users/{user.Id}/sessions")).GetArrayLength());
    }

    [Fact]
    public async Task One_is_ended_or_all_but_the_one_that_asks_each_with_its_entry()
    {
        var user = await api.RegisterUserAsync();
        var (second, third, fourth) = (await AgainAsync(user), await AgainAsync(user), await AgainAsync(user));
        var token = await api.MakeTokenAsync(user);
        await EndAsync(user, $"me/sessions/{Tokens.IdOf(second.Session)}", HttpStatusCode.NoContent);
        await EndAsync(user, $"me/sessions/{Tokens.IdOf(second.Session)}", HttpStatusCode.NotFound);
        await EndAsync(user, $"me/sessions/{Tokens.IdOf(token)}", HttpStatusCode.NotFound);
        await EndAsync(user, $"me/sessions/{Tokens.IdOf(api.Owner.Session)}", HttpStatusCode.NotFound);
        await RefusedAsync(second);
        await api.As(third).ReadAsync("/api/v2/users/me");

        await EndAsync(user, "me/sessions", HttpStatusCode.NoContent);
        await RefusedAsync(third);
        await RefusedAsync(fourth);
        await api.As(user).ReadAsync("/api/v2/users/me");
        await api.WithKey(token).ReadAsync("/api/v2/users/me");
        Assert.Equal(3, (await api.AuditAsync($"action:delete resource_type:api_key username:{user.Username}")).Length);
    }

    [Fact]
    public async Task A_login_beyond_the_limit_ends_the_oldest_session_and_no_token()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:KeysPerUser"] = "3" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var made = await server.Client(owner.Session).AskForTokenAsync(new { });
        var token = (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
        await LogInAsync();
        await server.Client(owner.Session).ReadAsync("/api/v2/users/me");
        var last = await LogInAsync();
        using var refused = await server.Client(owner.Session).GetAsync("/api/v2/users/me");
        await refused.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await server.Client(token).ReadAsync("/api/v2/users/me");
        Assert.Equal(2, (await server.Client(last).ReadAsync("/api/v2/users/me/sessions")).GetArrayLength());

        async Task<string> LogInAsync()
        {
            using var login = await server.Client().LogInAsync("owner@example.com");
            return (await login.ShouldBeAsync(HttpStatusCode.Created)).Text("session_token");
        }
    }

    [Fact]
    public async Task User_admins_end_those_of_people_they_do_not_envy()
    {
        var admin = await api.RegisterUserAsync("user-admin");
        var (member, auditor) = (await api.RegisterUserAsync(), await api.RegisterUserAsync("auditor"));
        await EndAsync(admin, $"{member.Id}/sessions/{Tokens.IdOf(member.Session)}", HttpStatusCode.NoContent);
        await RefusedAsync(member);
        await EndAsync(admin, $"{auditor.Id}/sessions", HttpStatusCode.Forbidden);
        await EndAsync(admin, $"{api.Owner.Id}/sessions", HttpStatusCode.Forbidden);
        await EndAsync(auditor, $"{member.Id}/sessions", HttpStatusCode.Forbidden);
        await EndAsync(await api.RegisterUserAsync(), $"{member.Id}/sessions", HttpStatusCode.NotFound);
        await EndAsync(api.Owner, $"{auditor.Id}/sessions", HttpStatusCode.NoContent);
        await RefusedAsync(auditor);
    }

    [Theory]
    [InlineData("api_key:delete", HttpStatusCode.NoContent)]
    [InlineData("api_key:*", HttpStatusCode.NoContent)]
    [InlineData("coder:apikeys.manage_self", HttpStatusCode.NoContent)]
    [InlineData("api_key:update", HttpStatusCode.Forbidden)]
    public async Task A_token_ends_them_with_the_scope_to_delete_keys(string scope, HttpStatusCode status)
    {
        var user = await api.RegisterUserAsync();
        using var client = api.WithKey(await api.MakeTokenAsync(user, new { scopes = new[] { scope } }));
        using var answer = await client.DeleteAsync("/api/v2/users/me/sessions");
        await answer.ShouldRefuseOrBeAsync(status);
    }

    private Task<ApiUser> AgainAsync(ApiUser user) => api.LogInAsync(user.Id, user.Username);

    private async Task EndAsync(ApiUser by, string path, HttpStatusCode status)
    {
        using var answer = await api.As(by).DeleteAsync($"/api/v2/users/{path}");
        await answer.ShouldRefuseOrBeAsync(status);
    }

    private async Task RefusedAsync(ApiUser user)
    {
        using var answer = await api.As(user).GetAsync("/api/v2/users/me");
        await answer.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
    }
}
