using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Another way to sign in, on a server without any: users-and-auth.md 20.5 and 22.</summary>
[Collection(SecondApi.Name)]
public sealed class ConvertingALoginTests(ModularApi api)
{
    [Theory]
    [InlineData("""{"to_type":"github","password":"SomeSecurePassword!"}""")]
    [InlineData("""{"to_type":"oidc","password":"SomeSecurePassword!"}""")]
    [InlineData("""{"to_type":"oidc","password":"wrong"}""")]
    [InlineData("""{"to_type":"none","password":"SomeSecurePassword!"}""", "to_type")]
    [InlineData("""{"to_type":"OIDC","password":"SomeSecurePassword!"}""", "to_type")]
    [InlineData("""{"to_type":"password"}""", "to_type", "password")]
    [InlineData("""{"to_type":"oidc"}""", "password")]
    [InlineData("{}", "to_type", "password")]
    [InlineData("""{"to_type":1}""")]
    [InlineData("[")]
    public async Task To_what_is_not_configured_or_no_such_type_is_400(string body, params string[] fields)
    {
        var user = await api.RegisterUserAsync();
        using var answer = await api.As(user).PostAsync("/api/v2/users/me/convert-login", new StringContent(body));
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
        Assert.Equal("password", (await api.As(user).ReadAsync("/api/v2/users/me/login-type")).Text("login_type"));
    }

    [Fact]
    public async Task Is_for_oneself_alone_whatever_is_sent()
    {
        var (user, member) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        foreach (var body in new[] { "", """{"to_type":"oidc","password":"SomeSecurePassword!"}""" })
        {
            using var byOwner = await api.As(api.Owner).PostAsync($"/api/v2/users/{user.Id}/convert-login", new StringContent(body));
            await byOwner.ShouldRefuseAsync(HttpStatusCode.Forbidden);
            var entry = Assert.Single(await api.AuditAsync($"request_id:{Assert.Single(byOwner.Headers.GetValues("X-Request-Id"))}"));
            Assert.Equal(("create", "convert_login", 403), (entry.Text("action"), entry.Text("resource_type"), entry.GetProperty("status_code").GetInt32()));

            using var byMember = await api.As(member).PostAsync($"/api/v2/users/{user.Id}/convert-login", new StringContent(body));
            await byMember.ShouldRefuseAsync(HttpStatusCode.NotFound);
        }

        using var stranger = await api.Anonymous.PostAsJsonAsync("/api/v2/users/me/convert-login", new { });
        await stranger.ShouldBeAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_narrowed_key_may_not()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user, new { scopes = new[] { "user:update_personal", "user:read" } });
        using var answer = await api.WithKey(token).PostAsJsonAsync("/api/v2/users/me/convert-login", new { to_type = "oidc", password = ModularApi.Password });
        await answer.ShouldRefuseAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("password", HttpStatusCode.BadRequest)]
    [InlineData("github", HttpStatusCode.BadRequest)]
    [InlineData("oidc", HttpStatusCode.NotFound)]
    public async Task Claims_are_shown_to_who_has_any(string loginType, HttpStatusCode status)
    {
        var user = await api.RegisterUserAsync();
        await api.ExecuteAsync("update users.users set login_type = $2 where id = $1", user.Id, loginType);
        using var answer = await api.As(user).GetAsync("/api/v2/users/oidc-claims");
        await answer.ShouldRefuseAsync(status);
    }

    [Fact]
    public async Task Claims_need_a_key_whatever_its_scope()
    {
        var user = await api.RegisterUserAsync();
        using var stranger = await api.Anonymous.GetAsync("/api/v2/users/oidc-claims");
        await stranger.ShouldBeAsync(HttpStatusCode.Unauthorized);
        using var narrowed = await api.WithKey(await api.MakeTokenAsync(user, new { scopes = new[] { "user:read" } })).GetAsync("/api/v2/users/oidc-claims");
        await narrowed.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }
}
