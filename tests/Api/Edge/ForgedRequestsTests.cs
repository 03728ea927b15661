using System.Net;
using System.Security.Cryptography;
using System.Text;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Edge;

/// <summary>Writes that a foreign page could make a browser send: users-and-auth.md 1.5.</summary>
[Collection(SecondApi.Name)]
public sealed class ForgedRequestsTests(ModularApi api)
{
    private const string Write = "/api/v2/users/me/keys/tokens";

    /// <summary>A pair that belongs together; that this server made it is not asked.</summary>
    private static readonly (string Cookie, string Header) pair = Pair();

    public static TheoryData<string, string[]> Proofs => new()
    {
        { "the header has the cookie's session", ["Coder-Session-Token: {session}"] },
        { "a bearer, whatever its value", ["Authorization: Bearer x"] },
        { "a bearer in another case", ["Authorization: bEARER x"] },
        { "a provisioner key", ["Coder-Provisioner-Daemon-Key: x"] },
        { "a provisioner's shared secret", ["Coder-Provisioner-Daemon-PSK: x"] },
        { "the token that belongs to the csrf cookie", [$"X-CSRF-Token: {pair.Header}"] },
        { "our own page", ["Sec-Fetch-Site: same-origin"] },
        { "the address bar", ["Sec-Fetch-Site: none"] },
        { "our own origin", ["Origin: {origin}"] },
        { "our own origin in another case", ["Origin: {ORIGIN}"] },
        { "a proof beside a foreign page", ["Sec-Fetch-Site: cross-site", $"X-CSRF-Token: {pair.Header}"] },
        { "a proof beside a foreign origin", ["Origin: https://evil.example", "Coder-Session-Token: {session}"] },
    };

    public static TheoryData<string, string[]> NoProofs => new()
    {
        { "nothing", [] },
        { "another session in the header", ["Coder-Session-Token: 0123456789-0123456789012345678901"] },
        { "another scheme", ["Authorization: Basic x"] },
        { "another csrf token", [$"X-CSRF-Token: {Pair().Header}"] },
        { "the bare csrf token", [$"X-CSRF-Token: {pair.Cookie}"] },
        { "a csrf token that is no base64", ["X-CSRF-Token: ???"] },
        { "a foreign page", ["Sec-Fetch-Site: cross-site"] },
        { "a page of another subdomain", ["Sec-Fetch-Site: same-site"] },
        { "a foreign page that claims our origin", ["Sec-Fetch-Site: cross-site", "Origin: {origin}"] },
        { "a foreign origin", ["Origin: https://evil.example"] },
        { "no origin", ["Origin: null"] },
        { "our host with another port", ["Origin: http://127.0.0.1:1"] },
        { "our origin with a path", ["Origin: {origin}/x"] },
    };

    [Theory, MemberData(nameof(Proofs))]
    public async Task A_write_with_a_session_cookie_passes_with_a_proof(string proof, params string[] headers)
    {
        using var answer = await SendAsync(HttpMethod.Post, Write, await CookiesAsync(), headers);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, proof);
    }

    [Theory, MemberData(nameof(NoProofs))]
    public async Task A_write_with_a_session_cookie_is_400_without_one(string missing, params string[] headers)
    {
        using var answer = await SendAsync(HttpMethod.Post, Write, await CookiesAsync(), headers);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, missing);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_csrf_token_without_its_cookie_is_no_proof()
    {
        var session = (await api.RegisterUserAsync()).Session;
        using var answer = await SendAsync(HttpMethod.Post, Write, $"coder_session_token={session}", $"X-CSRF-Token: {pair.Header}");
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_csrf_cookie_that_a_server_gave_works()
    {
        var user = await api.RegisterUserAsync();
        using var page = await api.Anonymous.GetAsync("/api/v2/buildinfo");
        var cookie = SetCookie(page).Split(';')[0]["csrf_token=".Length..];
        var token = Convert.FromBase64String(cookie);
        Assert.Equal(32, token.Length);
        var pad = RandomNumberGenerator.GetBytes(32);
        var masked = Convert.ToBase64String([.. pad, .. pad.Zip(token, (p, t) => (byte)(p ^ t))]);

        using var answer = await SendAsync(
            HttpMethod.Post, Write, $"coder_session_token={user.Session}; csrf_token={cookie}", $"X-CSRF-Token: {masked}");
        await answer.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task The_csrf_cookie_is_set_unless_the_request_brings_one()
    {
        using var without = await api.Anonymous.GetAsync("/api/v2/nothing");
        var attributes = SetCookie(without).Split("; ");
        Assert.Contains("path=/", attributes);
        Assert.Contains("httponly", attributes);
        Assert.Contains("samesite=lax", attributes);
        Assert.DoesNotContain("secure", attributes);

        using var with = await SendAsync(HttpMethod.Get, "/api/v2/nothing", "csrf_token=x");
        Assert.False(with.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Without_a_session_cookie_every_write_passes()
    {
        var user = await api.RegisterUserAsync();
        using var answer = await SendAsync(
            HttpMethod.Post, Write, cookies: null, $"Coder-Session-Token: {user.Session}", "Sec-Fetch-Site: cross-site", "Origin: https://evil.example");
        await answer.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Reads_pass(string method)
    {
        using var answer = await SendAsync(new HttpMethod(method), "/api/v2/users/me", await CookiesAsync(), "Sec-Fetch-Site: cross-site");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    public async Task Safe_methods_pass(string method)
    {
        using var answer = await SendAsync(new HttpMethod(method), "/api/v2/users/me", await CookiesAsync(), "Sec-Fetch-Site: cross-site");
        await answer.ShouldRefuseAsync(HttpStatusCode.MethodNotAllowed);
    }

    [Theory]
    [InlineData("POST", "/API/v2/users/me/keys/tokens")]
    [InlineData("POST", "/Api/V2/Users/Login")]
    [InlineData("POST", "/api/v2/users/login")]
    [InlineData("POST", "/api/v2/users/logout")]
    [InlineData("POST", "/api/v2/nothing")]
    [InlineData("DELETE", "/api/v2/users/me")]
    [InlineData("PUT", "/api/v2/users/me/appearance")]
    [InlineData("PATCH", "/api/v2/users/me")]
    [InlineData("BREW", "/api/v2/users/me")]
    [InlineData("POST", "/api/experimental/users/me/skills")]
    public async Task Every_write_below_api_is_guarded_in_any_spelling(string method, string path)
    {
        using var answer = await SendAsync(new HttpMethod(method), path, await CookiesAsync());
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_write_elsewhere_is_not_guarded()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/healthz", await CookiesAsync());
        await answer.ShouldRefuseAsync(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task The_guard_precedes_the_key()
    {
        using var answer = await SendAsync(HttpMethod.Post, Write, "coder_session_token=nonsense");
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/api/v2/users/first", HttpStatusCode.Conflict)]
    [InlineData("/api/v2/Users/FIRST", HttpStatusCode.Conflict)]
    [InlineData("/api/v2/csp/reports", HttpStatusCode.OK)]
    public async Task Exempt_paths_pass_with_a_cookie_alone(string path, HttpStatusCode status)
    {
        using var answer = await SendBodyAsync(
            HttpMethod.Post,
            path,
            await CookiesAsync(),
            """{"email":"late@example.com","username":"late","password":"SomeSecurePassword!"}""");
        await answer.ShouldBeAsync(status);
    }

    [Fact]
    public async Task A_stale_cookie_keeps_from_logging_in_until_the_header_repeats_it()
    {
        var user = await api.RegisterUserAsync();
        var login = $$"""{"email":"{{user.Username}}@example.com","password":"{{ModularApi.Password}}"}""";
        using var stale = await SendBodyAsync(HttpMethod.Post, "/api/v2/users/login", $"coder_session_token={user.Session}", login);
        await stale.ShouldRefuseAsync(HttpStatusCode.BadRequest);
        using var repeated = await SendBodyAsync(
            HttpMethod.Post, "/api/v2/users/login", $"coder_session_token={user.Session}", login, $"Coder-Session-Token: {user.Session}");
        await repeated.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_cookie_and_a_header_that_differ_are_told_apart_from_a_missing_proof()
    {
        var cookies = await CookiesAsync();
        using var differing = await SendAsync(HttpMethod.Post, Write, cookies, "Coder-Session-Token: other");
        using var missing = await SendAsync(HttpMethod.Post, Write, cookies);
        var told = (await differing.ShouldBeAsync(HttpStatusCode.BadRequest)).ToString();
        Assert.NotEqual(told, (await missing.ShouldBeAsync(HttpStatusCode.BadRequest)).ToString());
        Assert.Contains("differ", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v2/users/login", "Sec-Fetch-Site: cross-site")]
    [InlineData("/api/v2/users/login", "Sec-Fetch-Site: same-site")]
    [InlineData("/api/v2/users/login", "Origin: https://evil.example")]
    [InlineData("/api/v2/users/login", "Origin: null")]
    [InlineData("/API/V2/USERS/LOGIN", "Sec-Fetch-Site: cross-site")]
    [InlineData("/api/v2/users/login/", "Sec-Fetch-Site: cross-site")]
    [InlineData("/api/v2/users/first", "Sec-Fetch-Site: cross-site")]
    [InlineData("/api/v2/users/first", "Sec-Fetch-Site: same-site")]
    [InlineData("/api/v2/users/first", "Origin: https://evil.example")]
    [InlineData("/api/v2/users/First", "Origin: https://evil.example")]
    public async Task A_foreign_page_neither_logs_in_nor_sets_up_even_without_a_cookie(string path, string header)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, cookies: null, header);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest); // Without fields: the body was not looked at.
    }

    [Theory]
    [InlineData("Sec-Fetch-Site: same-origin")]
    [InlineData("Sec-Fetch-Site: none")]
    [InlineData("Origin: {origin}")]
    public async Task Our_own_page_logs_in(string header)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/v2/users/login", cookies: null, header);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email", "password");
    }

    [Fact]
    public async Task A_key_in_the_query_is_no_proof_unless_the_operator_allows_keys_there()
    {
        var user = await api.RegisterUserAsync();
        using var ignored = await SendAsync(
            HttpMethod.Post, $"{Write}?coder_session_token={user.Session}", $"coder_session_token={user.Session}");
        await ignored.ShouldRefuseAsync(HttpStatusCode.BadRequest);

        await using var other = await api.StartAnotherAsync(new() { ["Modular:Tokens:AllowQueryParameter"] = "true" }, sameDatabase: true);
        foreach (var (query, status) in new[]
        {
            ($"coder_session_token={user.Session}", HttpStatusCode.Created),
            ("coder_session_token=0123456789-0123456789012345678901", HttpStatusCode.BadRequest),
            ($"access_token={user.Session}", HttpStatusCode.BadRequest),
        })
        {
            using var request = Request(HttpMethod.Post, $"{Write}?{query}", $"coder_session_token={user.Session}");
            using var answer = await other.Client().SendAsync(request);
            await answer.ShouldBeAsync(status);
        }
    }

    private async Task<string> CookiesAsync() =>
        $"coder_session_token={(await api.RegisterUserAsync()).Session}; csrf_token={pair.Cookie}";

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? cookies, params string[] headers) =>
        SendBodyAsync(method, path, cookies, "{}", headers);

    private async Task<HttpResponseMessage> SendBodyAsync(HttpMethod method, string path, string? cookies, string body, params string[] headers)
    {
        using var request = Request(method, path, cookies);
        if (method != HttpMethod.Trace && method != HttpMethod.Get && method != HttpMethod.Head)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        var origin = api.Address.GetLeftPart(UriPartial.Authority);
        var session = cookies?.Split(';')[0].Split('=')[^1];
        foreach (var header in headers)
        {
            var (name, value) = header.Split(": ") is [var left, var right] ? (left, right) : throw new ArgumentException(header);
            request.Headers.TryAddWithoutValidation(name, value
                .Replace("{session}", session, StringComparison.Ordinal)
                .Replace("{origin}", origin, StringComparison.Ordinal)
                .Replace("{ORIGIN}", origin.ToUpperInvariant(), StringComparison.Ordinal));
        }

        return await api.Anonymous.SendAsync(request);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? cookies)
    {
        var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        if (cookies is not null)
        {
            request.Headers.Add("Cookie", cookies);
        }

        return request;
    }

    private static string SetCookie(HttpResponseMessage answer) =>
        Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("csrf_token=", StringComparison.Ordinal));

    private static (string Cookie, string Header) Pair()
    {
        var token = RandomNumberGenerator.GetBytes(32);
        var pad = RandomNumberGenerator.GetBytes(32);
        return (Convert.ToBase64String(token), Convert.ToBase64String([.. pad, .. pad.Zip(token, (p, t) => (byte)(p ^ t))]));
    }
}
