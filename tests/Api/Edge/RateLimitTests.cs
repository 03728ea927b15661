using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Modular.Host.Server.Limits;
using Modular.SharedKernel.Web;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Edge;

/// <summary>How often routes may be called: users-and-auth.md 1.4, additions.md 8.</summary>
[Collection(SharedApi.Name)]
public sealed class RateLimitTests(ModularApi api)
{
    [Fact]
    public async Task Every_limited_answer_tells_what_is_left()
    {
        await using var server = await ServerAsync(requests: 5);
        using var first = await server.Client().GetAsync("/api/v2/buildinfo");
        using var second = await server.Client().GetAsync("/api/v2/buildinfo");

        Assert.Equal(("5", "4"), (Header(first, "X-RateLimit-Limit"), Header(first, "X-RateLimit-Remaining")));
        Assert.Equal("3", Header(second, "X-RateLimit-Remaining"));
        var reset = DateTimeOffset.FromUnixTimeSeconds(long.Parse(Header(first, "X-RateLimit-Reset"), CultureInfo.InvariantCulture));
        Assert.InRange(reset, first.Headers.Date!.Value, first.Headers.Date.Value.AddSeconds(61));
        Assert.Equal(0, reset.Second);
        Assert.Equal("\"api\";q=5;w=60", Header(first, "RateLimit-Policy"));
        Assert.Matches("^\"api\";r=4;t=[0-9]{1,2}$", Header(first, "RateLimit"));
    }

    [Fact]
    public async Task What_exceeds_the_limit_is_429_with_a_message_alone()
    {
        await using var server = await ServerAsync(requests: 3);
        var answers = await SendAsync(server.Client(), "/api/v2/buildinfo", 5);

        Assert.Equal([200, 200, 200, 429, 429], answers.Select(answer => (int)answer.StatusCode));
        var body = await answers[3].ShouldBeAsync(HttpStatusCode.TooManyRequests);
        Assert.Equal("message", Assert.Single(body.EnumerateObject()).Name);
        Assert.Equal(("60", "0"), (Header(answers[3], "Retry-After"), Header(answers[3], "X-RateLimit-Remaining")));
        Assert.All(answers, answer => Assert.True(answer.Headers.Contains("X-Coder-Build-Version")));
    }

    [Fact]
    public async Task Two_hundred_at_once_count_as_two_hundred()
    {
        await using var server = await ServerAsync(requests: 50);
        var client = server.Client();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.GetAsync("/api/v2/buildinfo")));
        Assert.Equal(50, answers.Count(answer => answer.IsSuccessStatusCode));
        Assert.Equal(150, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Every_route_has_its_own_count_and_so_has_every_user()
    {
        await using var server = await ServerAsync(requests: 2, sameDatabase: true);
        var (one, two) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());

        await SendAsync(server.Client(one.Session), "/api/v2/users/me", 2, HttpStatusCode.OK);
        await SendAsync(server.Client(one.Session), "/api/v2/users/me", 1, HttpStatusCode.TooManyRequests);
        await SendAsync(server.Client(one.Session), "/api/v2/users/me/appearance", 2, HttpStatusCode.OK);
        await SendAsync(server.Client(two.Session), "/api/v2/users/me", 2, HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_spelling_of_the_user_changes_no_count()
    {
        await using var server = await ServerAsync(requests: 4, sameDatabase: true);
        var user = await api.RegisterUserAsync();
        var client = server.Client(user.Session);

        string[] spellings = ["me", user.Id.ToString(), user.Id.ToString().ToUpperInvariant(), user.Id.ToString("N")];
        foreach (var own in spellings)
        {
            await SendAsync(client, $"/api/v2/users/{own}", 1, HttpStatusCode.OK);
        }

        await SendAsync(client, "/API/v2/users/me/", 1, HttpStatusCode.TooManyRequests);
        await SendAsync(client, $"/api/v2/users/{user.Username}", 2, HttpStatusCode.OK);
        await SendAsync(client, $"/api/v2/users/{user.Username.ToUpperInvariant()}", 2, HttpStatusCode.OK);
        await SendAsync(client, $"/api/v2/users/{user.Username}", 1, HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Without_a_key_the_address_counts()
    {
        await using var server = await ServerAsync(requests: 2, proxied: true);
        await SendAsync(From(server, "203.0.113.7"), "/api/v2/buildinfo", 2, HttpStatusCode.OK);
        await SendAsync(From(server, "203.0.113.7"), "/api/v2/buildinfo", 1, HttpStatusCode.TooManyRequests);
        await SendAsync(From(server, "203.0.113.8"), "/api/v2/buildinfo", 1, HttpStatusCode.OK);
        await SendAsync(From(server, "2001:db8::1"), "/api/v2/buildinfo", 1, HttpStatusCode.OK);
        await SendAsync(From(server, "2001:db8::ffff"), "/api/v2/buildinfo", 1, HttpStatusCode.OK);
        await SendAsync(From(server, "2001:db8::2"), "/api/v2/buildinfo", 1, HttpStatusCode.TooManyRequests);
        await SendAsync(From(server, "2001:db8:0:1::2"), "/api/v2/buildinfo", 1, HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("POST", "/api/v2/users/login", """{"email":"nobody@example.com","password":"x"}""")]
    [InlineData("POST", "/api/v2/users/validate-password", """{"password":"x"}""")]
    [InlineData("PUT", "/api/v2/users/me/password", """{"password":"x"}""")]
    public async Task Logging_in_and_passwords_count_by_address_whoever_asks(string method, string path, string body)
    {
        await using var server = await ServerAsync(login: 2, sameDatabase: true);
        ApiUser[] users = [await api.RegisterUserAsync(), await api.RegisterUserAsync(), await api.RegisterUserAsync()];
        var statuses = new List<int>();
        foreach (var user in users)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body) };
            using var answer = await server.Client(user.Session).SendAsync(request);
            statuses.Add((int)answer.StatusCode);
        }

        Assert.Equal(429, statuses[2]);
        Assert.DoesNotContain(429, statuses[..2]);
    }

    [Fact]
    public async Task Logging_in_counts_by_user_besides()
    {
        await using var server = await ServerAsync(login: 2, sameDatabase: true, proxied: true);
        var session = (await api.RegisterUserAsync()).Session;
        for (var i = 0; i < 3; i++)
        {
            var client = From(server, $"198.51.100.{i}");
            client.DefaultRequestHeaders.Add("Coder-Session-Token", session);
            using var answer = await client.PostAsJsonAsync("/api/v2/users/validate-password", new { password = "x" });
            await answer.ShouldBeAsync(i < 2 ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests);
        }
    }

    [Fact]
    public async Task A_refused_request_counts_in_no_limit()
    {
        await using var server = await ServerAsync(requests: 3, login: 1);

        // Three refusals would fill the API's count of three, and the answer would name that limit.
        for (var i = 0; i < 5; i++)
        {
            using var answer = await server.Client().PostAsJsonAsync("/api/v2/users/validate-password", new { password = "x" });
            Assert.Equal("\"login\";q=1;w=60", Header(answer, "RateLimit-Policy"));
            await answer.ShouldBeAsync(i == 0 ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests);
        }
    }

    [Fact]
    public async Task Skills_count_all_their_writes_together()
    {
        await api.TurnAsync("user-skills", on: true);
        await using var server = await ServerAsync(skillWrites: 2, sameDatabase: true);
        var client = server.Client((await api.RegisterUserAsync()).Session);
        const string skills = "/api/experimental/users/me/skills";

        using var made = await client.PostAsJsonAsync(skills, new { content = "---\nname: tidy\n---\nDo it." });
        await made.ShouldBeAsync(HttpStatusCode.Created);
        using var removed = await client.DeleteAsync($"{skills}/tidy");
        await removed.ShouldBeAsync(HttpStatusCode.NoContent);
        using var third = await client.PostAsJsonAsync(skills, new { content = "---\nname: tidy\n---\nDo it." });
        await third.ShouldBeAsync(HttpStatusCode.TooManyRequests);
        using var restored = await client.PostAsync($"{skills}/tidy/versions/1/restore", null);
        await restored.ShouldBeAsync(HttpStatusCode.TooManyRequests);
        using var read = await client.GetAsync(skills);
        await read.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public async Task A_limit_that_is_off_tells_nothing_and_needs_no_passing_over(string off)
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:RateLimits:Api"] = off });
        var client = server.Client();
        client.DefaultRequestHeaders.Add("X-Coder-Bypass-Ratelimit", "true");
        using var answer = await client.GetAsync("/api/v2/buildinfo");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.DoesNotContain(answer.Headers, header => header.Key.Contains("RateLimit", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/openapi/v1.json")]
    public async Task What_is_outside_of_the_API_has_no_limit(string path)
    {
        await using var server = await ServerAsync(requests: 1);
        await SendAsync(server.Client(), path, 3, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Names_in_paths_make_no_counters_for_strangers_and_small_ones_for_users()
    {
        await using var server = await ServerAsync(requests: 1_000, login: 1_000, sameDatabase: true);
        var counters = server.Services.GetRequiredService<RateCounters>();
        foreach (var name in (string[])["a", "b", new string('c', 7_000)])
        {
            using var read = await server.Client().GetAsync($"/api/v2/users/{name}");
            await read.ShouldBeAsync(HttpStatusCode.Unauthorized);
            using var changed = await server.Client().PutAsJsonAsync($"/api/v2/users/{name}/password", new { password = "x" });
            await changed.ShouldBeAsync(HttpStatusCode.Unauthorized);
        }

        Assert.Equal((2, 1), (counters.Of(RateLimit.Api).Size, counters.Of(new RateLimit("Login", 0, default)).Size));
        var client = server.Client((await api.RegisterUserAsync()).Session);
        await SendAsync(client, "/api/v2/users/" + new string('d', 7_000), 2, HttpStatusCode.NotFound);
        await SendAsync(client, "/api/v2/users/" + new string('D', 7_000), 1, HttpStatusCode.NotFound);
        Assert.Equal(3, counters.Of(RateLimit.Api).Size);
    }

    private Task<ModularApi.OtherServer> ServerAsync(
        int requests = 0, int login = 0, int skillWrites = 0, bool sameDatabase = false, bool proxied = false) => api.StartAnotherAsync(
        new()
        {
            ["Modular:RateLimits:Api"] = requests.ToString(CultureInfo.InvariantCulture),
            ["Modular:RateLimits:Login"] = login.ToString(CultureInfo.InvariantCulture),
            ["Modular:RateLimits:SkillWrites"] = skillWrites.ToString(CultureInfo.InvariantCulture),
            ["Modular:Proxy:TrustedOrigins"] = proxied ? "127.0.0.1" : null,
        },
        sameDatabase);

    private static HttpClient From(ModularApi.OtherServer server, string address)
    {
        var client = server.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }

    private static async Task<HttpResponseMessage[]> SendAsync(HttpClient client, string path, int times, HttpStatusCode? expected = null)
    {
        var answers = new HttpResponseMessage[times];
        for (var i = 0; i < times; i++)
        {
            answers[i] = await client.GetAsync(path);
            Assert.True(expected is null || answers[i].StatusCode == expected, $"{path}: {expected} expected, {answers[i].StatusCode} answered");
        }

        return answers;
    }

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));
}
