using System.Net;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Where a key is looked for, and what is wrong with it: users-and-auth.md 3.1, 3.2 and 3.9.</summary>
[Collection(SecondApi.Name)]
public sealed class PresentingAKeyTests(ModularApi api)
{
    private const string Me = "/api/v2/users/me";
    private const string UnknownKey = "0123456789-0123456789012345678901";

    [Theory]
    [InlineData("Cookie", "coder_session_token={key}")]
    [InlineData("Cookie", "other=1; coder_session_token={key}; another=2")]
    [InlineData("Coder-Session-Token", "{key}")]
    [InlineData("coder-session-token", "{key}")]
    [InlineData("Authorization", "Bearer {key}")]
    [InlineData("Authorization", "bearer {key}")]
    [InlineData("Authorization", "BEARER {key}")]
    [InlineData("Authorization", "Bearer   {key}  ")]
    public async Task Is_possible_in_a_cookie_and_in_two_headers(string header, string value)
    {
        var user = await api.RegisterUserAsync();
        using var answer = await GetAsync(api.Anonymous, Me, (header, value.Replace("{key}", user.Session, StringComparison.Ordinal)));
        Assert.Equal(user.Id, (await answer.ShouldBeAsync(HttpStatusCode.OK)).Id());
    }

    [Fact]
    public async Task A_token_is_presented_as_a_session_is()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        foreach (var (header, value) in new[]
        {
            ("Cookie", $"coder_session_token={token}"), ("Coder-Session-Token", token), ("Authorization", $"Bearer {token}"),
        })
        {
            using var answer = await GetAsync(api.Anonymous, Me, (header, value));
            Assert.Equal(user.Id, (await answer.ShouldBeAsync(HttpStatusCode.OK)).Id());
        }
    }

    [Fact]
    public async Task The_first_place_that_holds_anything_decides()
    {
        var (a, b, c) = (await api.RegisterUserAsync(), await api.RegisterUserAsync(), await api.RegisterUserAsync());
        Assert.Equal(a.Id, await CallerAsync(
            ("Cookie", $"coder_session_token={a.Session}"), ("Coder-Session-Token", b.Session), ("Authorization", $"Bearer {c.Session}")));
        Assert.Equal(b.Id, await CallerAsync(("Coder-Session-Token", b.Session), ("Authorization", $"Bearer {c.Session}")));
        Assert.Equal(b.Id, await CallerAsync(("Cookie", "coder_session_token="), ("Coder-Session-Token", b.Session)));

        async Task<Guid> CallerAsync(params (string, string)[] headers)
        {
            using var answer = await GetAsync(api.Anonymous, Me, headers);
            return (await answer.ShouldBeAsync(HttpStatusCode.OK)).Id();
        }
    }

    [Fact]
    public async Task A_bad_key_in_an_earlier_place_is_not_passed_over()
    {
        var user = await api.RegisterUserAsync();
        foreach (var bad in new[] { "nonsense", UnknownKey })
        {
            using var cookieFirst = await GetAsync(
                api.Anonymous, Me, ("Cookie", $"coder_session_token={bad}"), ("Coder-Session-Token", user.Session));
            await cookieFirst.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
            using var headerFirst = await GetAsync(
                api.Anonymous, Me, ("Coder-Session-Token", bad), ("Authorization", $"Bearer {user.Session}"));
            await headerFirst.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task The_query_is_ignored_altogether_by_default()
    {
        var (user, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        foreach (var parameter in new[] { "coder_session_token", "access_token" })
        {
            using var alone = await api.Anonymous.GetAsync($"{Me}?{parameter}={user.Session}");
            await alone.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
            using var beside = await api.As(other).GetAsync($"{Me}?{parameter}={user.Session}");
            Assert.Equal(other.Id, (await beside.ShouldBeAsync(HttpStatusCode.OK)).Id());
        }
    }

    [Fact]
    public async Task The_query_counts_where_the_operator_allows_it()
    {
        var (a, b, c) = (await api.RegisterUserAsync(), await api.RegisterUserAsync(), await api.RegisterUserAsync());
        await using var other = await api.StartAnotherAsync(new() { ["Modular:Tokens:AllowQueryParameter"] = "true" }, sameDatabase: true);
        foreach (var (query, headers, expected) in new (string, (string, string)[], Guid?)[]
        {
            ($"coder_session_token={a.Session}", [], a.Id),
            ($"access_token={a.Session}", [], a.Id),
            ($"access_token=%20{a.Session}%20", [], a.Id),
            ($"coder_session_token={a.Session}", [("Cookie", $"coder_session_token={b.Session}")], b.Id),
            ($"coder_session_token={a.Session}&access_token={b.Session}", [("Coder-Session-Token", c.Session)], a.Id),
            ($"access_token={a.Session}", [("Coder-Session-Token", b.Session)], b.Id),
            ($"access_token={a.Session}", [("Authorization", $"Bearer {b.Session}")], b.Id),
            ("coder_session_token=nonsense", [("Coder-Session-Token", b.Session)], null),
            ($"coder_session_token=&access_token={a.Session}", [], a.Id),
        })
        {
            using var answer = await GetAsync(other.Client(), $"{Me}?{query}", headers);
            if (expected is { } id)
            {
                Assert.Equal(id, (await answer.ShouldBeAsync(HttpStatusCode.OK)).Id());
            }
            else
            {
                await answer.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
            }
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Coder-Session-Token", "")]
    [InlineData("Coder-Session-Token", "nonsense")]
    [InlineData("Coder-Session-Token", "-")]
    [InlineData("Coder-Session-Token", "0123456789")]
    [InlineData("Coder-Session-Token", "012345678-0123456789012345678901")]
    [InlineData("Coder-Session-Token", "01234567890-0123456789012345678901")]
    [InlineData("Coder-Session-Token", "0123456789-012345678901234567890")]
    [InlineData("Coder-Session-Token", "0123456789-01234567890123456789012")]
    [InlineData("Coder-Session-Token", "0123456789-0123456789-12345678901")]
    [InlineData("Coder-Session-Token", UnknownKey)]
    [InlineData("Authorization", "Basic {key}")]
    [InlineData("Authorization", "Bearer")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "{key}")]
    [InlineData("Cookie", "Coder_Session_Token={key}; coder_session_token=x")]
    [InlineData("Cookie", "__Host-coder_session_token={key}")]
    [InlineData("Cookie", "coder_session_token={key}x")]
    public async Task Is_401_where_there_is_none_or_it_is_malformed_or_unknown(string? header, string? value)
    {
        var user = await api.RegisterUserAsync();
        using var answer = header is null
            ? await api.Anonymous.GetAsync(Me)
            : await GetAsync(api.Anonymous, Me, (header, value!.Replace("{key}", user.Session, StringComparison.Ordinal)));

        await answer.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        var challenge = Assert.Single(answer.Headers.GetValues("WWW-Authenticate"));
        Assert.StartsWith("Bearer realm=\"coder\", error=\"invalid_token\", error_description=\"", challenge, StringComparison.Ordinal);
        Assert.Contains(
            $"resource_metadata=\"{api.Address.GetLeftPart(UriPartial.Authority)}/.well-known/oauth-protected-resource\"", challenge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metadata_that_the_challenge_points_to_is_public()
    {
        var metadata = await api.Anonymous.ReadAsync("/.well-known/oauth-protected-resource");
        Assert.Equal(api.Address.GetLeftPart(UriPartial.Authority), metadata.Text("resource"));
        Assert.Equal(["header"], metadata.GetProperty("bearer_methods_supported").EnumerateArray().Select(method => method.GetString()));
    }

    [Fact]
    public async Task An_unknown_id_and_a_wrong_secret_are_told_apart_by_nothing()
    {
        var user = await api.RegisterUserAsync();
        using var unknown = await api.WithKey(UnknownKey).GetAsync(Me);
        using var wrong = await api.WithKey(user.Session[..11] + "0123456789012345678901").GetAsync(Me);
        await wrong.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        Assert.Equal(await unknown.Content.ReadAsStringAsync(), await wrong.Content.ReadAsStringAsync());
        Assert.Equal(unknown.Headers.WwwAuthenticate.ToString(), wrong.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task The_message_of_every_bad_key_is_the_same()
    {
        var expired = await api.RegisterUserAsync();
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() - interval '1 second' where user_id = $1", expired.Id);
        var messages = new HashSet<string>();
        foreach (var key in new[] { "", "nonsense", UnknownKey, expired.Session })
        {
            using var answer = await api.WithKey(key).GetAsync(Me);
            messages.Add((await answer.ShouldBeAsync(HttpStatusCode.Unauthorized)).Text("message"));
        }

        Assert.Single(messages);
    }

    [Fact]
    public async Task An_expired_key_is_told_by_a_detail_that_clients_compare()
    {
        var user = await api.RegisterUserAsync();
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() - interval '1 second' where user_id = $1", user.Id);
        using var expired = await api.As(user).GetAsync(Me);
        Assert.Equal("API key expired", (await expired.ShouldBeAsync(HttpStatusCode.Unauthorized)).Text("detail"));

        using var wrong = await api.WithKey(UnknownKey).GetAsync(Me);
        Assert.NotEqual(expired.Headers.WwwAuthenticate.ToString(), wrong.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_wrong_secret_does_not_tell_that_the_key_has_expired()
    {
        var user = await api.RegisterUserAsync();
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() - interval '1 second' where user_id = $1", user.Id);
        using var answer = await api.WithKey(user.Session[..11] + "0123456789012345678901").GetAsync(Me);
        Assert.NotEqual("API key expired", (await answer.ShouldBeAsync(HttpStatusCode.Unauthorized)).Text("detail"));
    }

    [Fact]
    public async Task Every_private_route_wants_a_key()
    {
        foreach (var (method, path) in new[]
        {
            ("GET", "/api/v2/users"), ("POST", "/api/v2/users"), ("GET", "/api/v2/users/me"), ("DELETE", "/api/v2/users/me"),
            ("POST", "/api/v2/users/logout"), ("GET", "/api/v2/users/me/keys/tokens"), ("POST", "/api/v2/users/me/keys/tokens"),
            ("GET", "/api/v2/users/me/keys/0123456789"), ("GET", "/api/v2/users/me/appearance"), ("PUT", "/api/v2/users/me/appearance"),
            ("GET", "/api/v2/audit"), ("GET", "/api/v2/experiments"), ("GET", "/api/v2/users/nobody"),
        })
        {
            using var answer = await api.Anonymous.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            await answer.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        }
    }

    [Theory]
    [InlineData("/api/v2")]
    [InlineData("/api/v2/buildinfo")]
    [InlineData("/api/v2/auth/scopes")]
    [InlineData("/api/v2/appearance")]
    [InlineData("/api/v2/users/first")]
    public async Task Public_routes_want_none(string path) =>
        Assert.NotEqual(HttpStatusCode.Unauthorized, (await api.Anonymous.GetAsync(path)).StatusCode);

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request);
    }
}
