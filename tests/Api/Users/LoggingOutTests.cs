using System.Net;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Ending a session: users-and-auth.md 17.2.</summary>
[Collection(SecondApi.Name)]
public sealed class LoggingOutTests(ModularApi api)
{
    private const string Path = "/api/v2/users/logout";

    private static readonly string[] applications = ["coder:application_connect"];

    [Fact]
    public async Task Ends_the_session_that_was_presented_and_no_other()
    {
        var first = await api.RegisterUserAsync();
        var second = await api.LogInAsync(first.Id, first.Username);
        var token = await api.MakeTokenAsync(first);
        using var logout = await api.As(first).PostAsync(Path, null);

        Assert.NotEmpty((await logout.ShouldBeAsync(HttpStatusCode.OK)).Text("message"));
        using var ended = await api.As(first).GetAsync("/api/v2/users/me");
        await ended.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await api.As(second).ReadAsync("/api/v2/users/me");
        await api.WithKey(token).ReadAsync("/api/v2/users/me");
    }

    [Fact]
    public async Task Twice_with_the_same_key_is_401()
    {
        var user = await api.RegisterUserAsync();
        using var first = await api.As(user).PostAsync(Path, null);
        await first.ShouldBeAsync(HttpStatusCode.OK);
        using var second = await api.As(user).PostAsync(Path, null);
        await second.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task With_a_token_deletes_the_token()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user, new { token_name = "to-be-gone" });
        using var logout = await api.WithKey(token).PostAsync(Path, null);
        await logout.ShouldBeAsync(HttpStatusCode.OK);

        using var gone = await api.As(user).GetAsync($"/api/v2/users/me/keys/{token[..10]}");
        await gone.ShouldRefuseAsync(HttpStatusCode.NotFound);
        var entry = Assert.Single(await api.AuditAsync($"request_id:{Assert.Single(logout.Headers.GetValues("X-Request-Id"))}"));
        Assert.Equal("to-be-gone", entry.Text("resource_target"));
    }

    [Fact]
    public async Task Takes_all_keys_for_applications_along()
    {
        var (user, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        var application = await api.MakeTokenAsync(user, new { scope = "application_connect" });
        var others = await api.MakeTokenAsync(other, new { scopes = applications });
        using var logout = await api.As(user).PostAsync(Path, null);
        await logout.ShouldBeAsync(HttpStatusCode.OK);

        var again = await api.LogInAsync(user.Id, user.Username);
        using var gone = await api.As(again).GetAsync($"/api/v2/users/me/keys/{application[..10]}");
        await gone.ShouldRefuseAsync(HttpStatusCode.NotFound);
        await api.As(other).ReadAsync($"/api/v2/users/me/keys/{others[..10]}");
    }

    [Fact]
    public async Task With_the_cookie_needs_proof_against_forgery()
    {
        var user = await api.RegisterUserAsync();
        using var forged = await SendAsync();
        await forged.ShouldRefuseAsync(HttpStatusCode.BadRequest);
        using var proved = await SendAsync(("Coder-Session-Token", user.Session));
        await proved.ShouldBeAsync(HttpStatusCode.OK);

        async Task<HttpResponseMessage> SendAsync(params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Path);
            request.Headers.Add("Cookie", $"coder_session_token={user.Session}");
            foreach (var (name, value) in headers)
            {
                request.Headers.Add(name, value);
            }

            return await api.Anonymous.SendAsync(request);
        }
    }

    [Fact]
    public async Task Without_a_key_is_401_and_touches_no_session_cookie()
    {
        using var logout = await api.Anonymous.PostAsync(Path, null);
        await logout.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        Assert.DoesNotContain(logout.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("coder_session_token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Is_recorded()
    {
        var user = await api.RegisterUserAsync();
        using var logout = await api.As(user).PostAsync(Path, null);
        var entry = Assert.Single(await api.AuditAsync($"request_id:{Assert.Single(logout.Headers.GetValues("X-Request-Id"))}"));
        Assert.Equal(("logout", "api_key", ""), (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target")));
        Assert.Equal(user.Id, entry.GetProperty("user").Id());
        Assert.Equal(user.Id, entry.GetProperty("resource_id").GetGuid());
        Assert.Equal(200, entry.GetProperty("status_code").GetInt32());
        Assert.Empty(entry.GetProperty("diff").EnumerateObject());
    }
}
