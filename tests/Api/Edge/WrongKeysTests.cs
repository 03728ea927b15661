using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Modular.Host.Server.Limits;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Edge;

/// <summary>What guessing keys costs the server, and what it closes: users-and-auth.md 1.4. Each test has addresses of its own.</summary>
[Collection(SharedApi.Name)]
public sealed class WrongKeysTests(ModularApi api, LimitedServer limited) : IClassFixture<LimitedServer>
{
    private static int addresses;

    private readonly string address = $"203.0.{Interlocked.Increment(ref addresses)}.7";

    [Theory]
    [InlineData("/api/v2/users/me")]
    [InlineData("/api/v2/buildinfo")]
    [InlineData("/api/v2/nothing")]
    [InlineData("/API/experimental/users/me/skills")]
    public async Task Count_for_the_address_over_all_paths_and_what_is_in_memory_is_served(string path)
    {
        var (known, late) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        await UseUpAsync();

        using var refused = await From(address, NewKey()).GetAsync(path);
        await refused.ShouldBeAsync(HttpStatusCode.TooManyRequests);
        Assert.Equal("60", Assert.Single(refused.Headers.GetValues("Retry-After")));
        Assert.StartsWith("\"wrongkeys\"", Assert.Single(refused.Headers.GetValues("RateLimit-Policy")), StringComparison.Ordinal);
        Assert.Equal(429, await GetAsync("/api/v2/users/me", address, late.Session)); // Not in memory: it cannot be told from a guess.
        Assert.Equal(200, await GetAsync("/api/v2/users/me", "198.51.100.1", late.Session));

        // What is still being told of the new user drops the key from memory, so this may take a few tries.
        await People.EventuallyAsync(async () =>
        {
            await GetAsync("/api/v2/experiments", "198.51.100.2", known.Session);
            using var inMemory = await From(address, known.Session).GetAsync("/api/v2/experiments");
            return Assert.Single(inMemory.Headers.GetValues("RateLimit-Policy")).StartsWith("\"api\"", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Close_neither_the_login_nor_what_is_outside_of_the_API()
    {
        var user = await api.RegisterUserAsync();
        await UseUpAsync();

        using var login = await From(address, NewKey()).LogInAsync($"{user.Username}@example.com");
        await login.ShouldBeAsync(HttpStatusCode.Created);
        using var change = await From(address, NewKey()).PutAsJsonAsync("/api/v2/users/me/password", new { password = "x" });
        await change.ShouldBeAsync(HttpStatusCode.TooManyRequests);
        Assert.Equal(200, await GetAsync("/openapi/v1.json", address, NewKey()));
        Assert.Equal(200, await GetAsync("/readyz", address, NewKey()));
        Assert.Equal(200, await GetAsync("/api/v2/buildinfo", address, key: null));
    }

    [Fact]
    public async Task Are_no_keys_that_let_somebody_in()
    {
        var user = await api.RegisterUserAsync();
        for (var i = 0; i < LimitedServer.Requests + 2; i++)
        {
            var token = await api.MakeTokenAsync(user); // Each has to be looked up.
            Assert.Equal(200, await GetAsync("/api/v2/users/me" + (i % 2 == 0 ? "" : "/appearance"), address, token));
        }
    }

    [Fact]
    public async Task Sent_at_once_are_looked_up_no_more_than_the_limit_admits()
    {
        var client = From(address, NewKey());
        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var answer = await client.GetAsync($"/api/v2/nothing/{i}");
            return (int)answer.StatusCode;
        }));
        Assert.Equal(LimitedServer.Requests, statuses.Count(status => status == 404));
        Assert.Equal(200 - LimitedServer.Requests, statuses.Count(status => status == 429));
    }

    [Theory]
    [InlineData("POST", "/api/v2/users/login")]
    [InlineData("POST", "/API/v2/users/Validate-Password/")]
    [InlineData("PUT", "/api/v2/users/me/password")]
    [InlineData("POST", "/api/v2/users/otp/request")]
    [InlineData("POST", "/api/v2/users/otp/change-password")]
    public async Task Are_looked_up_where_passwords_are_tried_once_the_address_has_been_let_in(string method, string path)
    {
        var statuses = new List<int>();
        for (var i = 0; i < LimitedServer.Logins + 2; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent("{}") };
            using var answer = await From(address, NewKey()).SendAsync(request);
            statuses.Add((int)answer.StatusCode);
        }

        Assert.DoesNotContain(429, statuses[..LimitedServer.Logins]);
        Assert.All(statuses[LimitedServer.Logins..], status => Assert.Equal(429, status));

        // Those that were let in, and none of the others.
        var wrongKeys = RateLimit.Api with { Name = "WrongKeys" };
        var next = limited.Counters.Count(RateSubject.Client(IPAddress.Parse(address)), "", wrongKeys, 1_000);
        Assert.Equal(1_000 - LimitedServer.Logins - 1, next.Remaining);
    }

    /// <summary>A key: none, a session, or a token with a scope and perhaps with a type that it is for.</summary>
    [Theory]
    [InlineData("owner", "session", 200)]
    [InlineData("owner", "coder:all", 200)]
    [InlineData("owner", "coder:all user", 428)]
    [InlineData("owner", "user:read", 428)]
    [InlineData("user-admin", "session", 428)]
    [InlineData("member", "coder:all", 428)]
    [InlineData("member", "none", 428)]
    public async Task Only_a_key_of_an_owner_that_holds_everything_passes_the_limits_over(string role, string key, int status)
    {
        var user = await api.RegisterUserAsync(role);
        var client = From(address, key switch
        {
            "none" => null,
            "session" => user.Session,
            _ when key.Split(' ') is [var scope, var type] => await api.MakeTokenAsync(
                user, new { scopes = new[] { scope }, allow_list = new[] { new { type, id = "*" } } }),
            _ => await api.MakeTokenAsync(user, new { scopes = new[] { key } }),
        });
        client.DefaultRequestHeaders.Add("X-Coder-Bypass-Ratelimit", "true");
        for (var i = 0; i < LimitedServer.Requests + 1; i++)
        {
            using var read = await client.GetAsync("/api/v2/buildinfo");
            await read.ShouldBeAsync((HttpStatusCode)status);
            using var validated = await client.PostAsJsonAsync("/api/v2/users/validate-password", new { password = "x" });
            await validated.ShouldBeAsync((HttpStatusCode)status);
        }
    }

    /// <summary>Well-formed, and no key's.</summary>
    private static string NewKey() => KeySecret.Draw().Text;

    private HttpClient From(string client, string? key) => limited.From(client, key);

    private async Task<int> GetAsync(string path, string client, string? key)
    {
        using var answer = await From(client, key).GetAsync(path);
        return (int)answer.StatusCode;
    }

    /// <summary>By different paths, none of which is of one of the tests.</summary>
    private async Task UseUpAsync()
    {
        string[] paths = ["/api/v2/users/first", "/api/v2/users", "/api/v2/nothing/1", "/docs"];
        Assert.Equal(LimitedServer.Requests, paths.Length);
        foreach (var path in paths)
        {
            Assert.NotEqual(429, await GetAsync(path, address, NewKey()));
        }
    }
}

/// <summary>A server with low limits that takes the proxy's word about addresses, for all tests of a class.</summary>
public sealed class LimitedServer(ModularApi api) : IAsyncLifetime
{
    internal const int Requests = 4;
    internal const int Logins = 2;

    private ModularApi.OtherServer server = null!;

    internal IServiceProvider Services => server.Services;

    internal RateCounters Counters => Services.GetRequiredService<RateCounters>();

    public async Task InitializeAsync()
    {
        await api.TurnAsync("user-skills", on: true);
        server = await api.StartAnotherAsync(
            new()
            {
                ["Modular:RateLimits:Api"] = $"{Requests}",
                ["Modular:RateLimits:Login"] = $"{Logins}",
                ["Modular:Proxy:TrustedOrigins"] = "127.0.0.1",
            },
            sameDatabase: true);
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    internal HttpClient From(string address, string? key)
    {
        var client = server.Client(key);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }
}
