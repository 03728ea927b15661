using System.Net;
using Modular.Host;
using Modular.Host.Startup;
using Modular.SharedKernel.Settings;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>The session cookie and the flags of every cookie: users-and-auth.md 3.5.</summary>
[Collection(SecondApi.Name)]
public sealed class SessionCookieTests(ModularApi api)
{
    [Fact]
    public async Task Carries_the_whole_key_for_a_year_and_is_hidden_from_scripts()
    {
        var user = await api.RegisterUserAsync();
        using var login = await api.Anonymous.LogInAsync($"{user.Username}@example.com");
        var key = (await login.ShouldBeAsync(HttpStatusCode.Created)).Text("session_token");

        Assert.Matches(@"\A[A-Za-z0-9]{10}-[A-Za-z0-9]{22}\z", key);
        Assert.Equal(
            ["httponly", "max-age=31536000", "path=/", "samesite=lax", $"coder_session_token={key}"],
            Cookie(login, "coder_session_token").Order(StringComparer.Ordinal).OrderBy(part => part.StartsWith("coder", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Is_removed_by_logging_out()
    {
        var user = await api.RegisterUserAsync();
        using var logout = await api.As(user).PostAsync("/api/v2/users/logout", null);
        await logout.ShouldBeAsync(HttpStatusCode.OK);

        var parts = Cookie(logout, "coder_session_token");
        Assert.Equal("coder_session_token=", parts[0]);
        Assert.Contains("path=/", parts);
        Assert.StartsWith("max-age=-", Assert.Single(parts, part => part.StartsWith("max-age", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_not_set_by_a_refused_login()
    {
        using var login = await api.Anonymous.LogInAsync("nobody@example.com");
        await login.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        Assert.DoesNotContain(login.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("coder_session_token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secure_and_same_site_are_on_every_cookie()
    {
        await using var other = await api.StartAnotherAsync(
            new() { ["Modular:Cookies:Secure"] = "true", ["Modular:Cookies:SameSite"] = "none" }, sameDatabase: true);
        var user = await api.RegisterUserAsync();
        using var login = await other.Client().LogInAsync($"{user.Username}@example.com");
        var key = (await login.ShouldBeAsync(HttpStatusCode.Created)).Text("session_token");
        using var logout = await other.Client(key).PostAsync("/api/v2/users/logout", null);

        foreach (var answer in new[] { login, logout })
        {
            var cookies = answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split("; ")).ToList();
            Assert.Equal(2, cookies.Count);
            Assert.All(cookies, cookie => Assert.Superset(new HashSet<string> { "secure", "samesite=none", "httponly", "path=/" }, cookie.ToHashSet()));
        }
    }

    [Theory]
    [InlineData("https://users.example.com", null, true)]
    [InlineData("https://users.example.com", "false", false)]
    [InlineData("http://users.example.com", null, false)]
    [InlineData("http://users.example.com", "true", true)]
    public async Task Is_secure_by_the_access_url_unless_the_operator_decides(string accessUrl, string? secure, bool expected)
    {
        await using var other = await api.StartAnotherAsync(
            new() { ["Modular:AccessUrl"] = accessUrl, ["Modular:Cookies:Secure"] = secure }, sameDatabase: true);
        var user = await api.RegisterUserAsync();
        using var login = await other.Client().LogInAsync($"{user.Username}@example.com");
        Assert.Equal(expected, Cookie(login, "coder_session_token").Contains("secure"));
        Assert.Equal(expected, Cookie(login, "csrf_token").Contains("secure"));
    }

    [Fact]
    public async Task With_the_host_prefix_only_the_prefixed_one_counts_and_the_other_is_removed()
    {
        await using var other = await api.StartAnotherAsync(new() { ["Modular:Cookies:HostPrefix"] = "true" }, sameDatabase: true);
        var user = await api.RegisterUserAsync();
        using var login = await other.Client().LogInAsync($"{user.Username}@example.com");
        var set = Cookie(login, "__Host-coder_session_token");
        Assert.Superset(new HashSet<string> { "secure", "path=/", "httponly" }, set.ToHashSet());
        Assert.DoesNotContain(set, part => part.StartsWith("domain", StringComparison.Ordinal));
        Assert.DoesNotContain(login.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("coder_session_token", StringComparison.Ordinal));

        using var prefixed = await SendAsync(HttpMethod.Get, "/api/v2/users/me", $"__Host-coder_session_token={user.Session}");
        await prefixed.ShouldBeAsync(HttpStatusCode.OK);
        Assert.DoesNotContain(prefixed.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("coder_session_token", StringComparison.Ordinal));

        using var plain = await SendAsync(HttpMethod.Get, "/api/v2/users/me", $"coder_session_token={user.Session}");
        await plain.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        var removal = Cookie(plain, "coder_session_token");
        Assert.Equal("coder_session_token=", removal[0]);
        Assert.Contains(removal, part => part.StartsWith("max-age=-", StringComparison.Ordinal));
        Assert.Contains("path=/", removal);

        // The guard against forged requests looks at the cookie that counts.
        using var forged = await SendAsync(HttpMethod.Post, "/api/v2/users/logout", $"__Host-coder_session_token={user.Session}");
        await forged.ShouldRefuseAsync(HttpStatusCode.BadRequest);
        using var ignored = await SendAsync(HttpMethod.Post, "/api/v2/users/logout", $"coder_session_token={user.Session}");
        await ignored.ShouldRefuseAsync(HttpStatusCode.Unauthorized);

        using var logout = await other.Client(user.Session).PostAsync("/api/v2/users/logout", null);
        Assert.Equal("__Host-coder_session_token=", Cookie(logout, "__Host-coder_session_token")[0]);

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string cookie)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("Cookie", cookie);
            return await other.Client().SendAsync(request);
        }
    }

    [Theory]
    [InlineData("Cookies:SameSite", "strict")]
    [InlineData("Cookies:SameSite", "nonsense")]
    [InlineData("Cookies:Secure", "yes")]
    [InlineData("Cookies:HostPrefix", "1")]
    [InlineData("Cookies:HostPrefix", "true", "--Modular:Cookies:Secure=false")]
    public void A_setting_that_cannot_be_used_stops_the_server_at_start(string key, string value, params string[] others)
    {
        var refused = Assert.Throws<SettingException>(() => ModularServer.Build([$"--Modular:{key}={value}", .. others], ModuleCatalog.All));
        Assert.Contains($"Modular:{key}", refused.Message, StringComparison.Ordinal);
    }

    private static string[] Cookie(HttpResponseMessage answer, string name) => Assert.Single(
        answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith(name + "=", StringComparison.Ordinal)).Split("; ");
}
