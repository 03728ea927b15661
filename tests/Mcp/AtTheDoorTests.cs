using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Mcp;

/// <summary>What is refused before the protocol begins, in the words and the order that all routes have.</summary>
[Collection(AgentsApi.Name)]
public sealed class AtTheDoorTests(ModularApi api) : IAsyncLifetime
{
    private const string Path = "/api/experimental/mcp";
    private const string Ping = """{"jsonrpc":"2.0","id":1,"method":"ping"}""";

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task Without_a_good_key_nothing_else_is_looked_at(string method)
    {
        foreach (var key in new[] { null, "bad", "0123456789-0123456789012345678901" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Path);
            request.Headers.Add("Origin", "https://evil.example.com");
            if (method == "POST")
            {
                request.Content = new StringContent("rubbish", Encoding.UTF8, "text/plain");
            }

            if (key is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }

            using var answer = await api.Anonymous.SendAsync(request);

            await answer.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
            Assert.StartsWith("Bearer realm=", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("user:read", "*:*", HttpStatusCode.Forbidden)]
    [InlineData("user_skill:update", "*:*", HttpStatusCode.Forbidden)]
    [InlineData("coder:all", "user:*", HttpStatusCode.Forbidden)]
    [InlineData("user_skill:read", "*:*", HttpStatusCode.OK)]
    [InlineData("user_skill:*", "user_skill:*", HttpStatusCode.OK)]
    [InlineData("coder:all", "*:*", HttpStatusCode.OK)]
    public async Task A_key_needs_the_scope_and_the_allow_list(string scope, string allowed, HttpStatusCode status)
    {
        var user = await api.RegisterUserAsync();
        var key = await api.MakeTokenAsync(user, new { scopes = new[] { scope }, allow_list = new[] { allowed } });

        using var answer = await PostAsync(key, Ping);
        using var stream = new HttpRequestMessage(HttpMethod.Get, Path);
        stream.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        stream.Headers.Add("Accept", "text/event-stream");
        using var opened = await api.Anonymous.SendAsync(stream, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status, opened.StatusCode);
        if (status == HttpStatusCode.Forbidden)
        {
            await answer.ShouldRefuseAsync(status);
            Assert.Contains("the scope user_skill:read,", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            foreach (var refused in new[] { answer, opened })
            {
                var challenge = refused.Headers.WwwAuthenticate.ToString();
                Assert.Contains("error=\"insufficient_scope\", scope=\"user_skill:read\"", challenge, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("https://evil.example.com", false)]
    [InlineData("null", false)]
    [InlineData("http://localhost", false)]
    [InlineData("own", true)]
    [InlineData("OWN", true)]
    public async Task Pages_of_other_origins_are_refused(string origin, bool passes)
    {
        var own = api.Address.GetLeftPart(UriPartial.Authority);
        var sent = origin switch
        {
            "own" => own,
            "OWN" => own.ToUpperInvariant(),
            _ => origin,
        };

        using var answer = await PostAsync((await api.RegisterUserAsync()).Session, Ping, ("Origin", sent));

        Assert.Equal(passes ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_no_json_is_refused_in_our_words()
    {
        var key = (await api.RegisterUserAsync()).Session;
        var largest = Ping[..^1] + ",\"params\":{\"_meta\":{\"x\":\"" + new string('x', (1024 * 1024) - Ping.Length - 28) + "\"}}}";

        using var atTheLimit = await PostAsync(key, largest);
        using var beyond = await PostAsync(key, largest + " ");
        using var form = await PostAsync(key, "a=b", type: "application/x-www-form-urlencoded");
        using var untyped = await PostAsync(key, Ping, type: null);

        Assert.Equal(1024 * 1024, largest.Length);
        await (await ReadAsync(atTheLimit)).ShouldBeAsync(HttpStatusCode.OK);
        await beyond.ShouldRefuseAsync(HttpStatusCode.RequestEntityTooLarge);
        await form.ShouldRefuseAsync(HttpStatusCode.UnsupportedMediaType);
        await untyped.ShouldRefuseAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""")]
    public async Task What_is_no_message_is_refused_as_the_protocol_says(string body)
    {
        using var answer = await PostAsync((await api.RegisterUserAsync()).Session, body);

        var error = (await answer.ShouldBeAsync(HttpStatusCode.BadRequest)).GetProperty("error");
        Assert.True(error.GetProperty("code").GetInt32() < 0);
    }

    [Fact]
    public async Task Other_methods_and_other_answers_are_refused()
    {
        var key = (await api.RegisterUserAsync()).Session;
        foreach (var method in new[] { "PUT", "PATCH", "DELETE", "OPTIONS" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await api.Anonymous.SendAsync(request);
            await answer.ShouldRefuseAsync(HttpStatusCode.MethodNotAllowed);
            Assert.Equal(["GET", "POST"], answer.Content.Headers.Allow.Order());
        }

        using var plain = await api.WithKey(key).GetAsync(Path);
        await plain.ShouldRefuseAsync(HttpStatusCode.NotAcceptable);
        using var newer = new HttpRequestMessage(HttpMethod.Get, Path);
        newer.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        newer.Headers.Add("Accept", "text/event-stream");
        newer.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        using var none = await api.Anonymous.SendAsync(newer);
        await none.ShouldRefuseAsync(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Agents_are_held_to_the_rate_limit()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:RateLimits:Api"] = "3" }, sameDatabase: true);
        var user = await api.RegisterUserAsync();
        for (var request = 0; request < 3; request++)
        {
            using var served = await PostAsync(user.Session, Ping, to: server.Address);
            await (await ReadAsync(served)).ShouldBeAsync(HttpStatusCode.OK);
        }

        using var refused = await PostAsync(user.Session, Ping, to: server.Address);

        await refused.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);
    }

    /// <summary>The answer with the one event of its stream as its body.</summary>
    private static async Task<HttpResponseMessage> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (text.IndexOf("data: ", StringComparison.Ordinal) is >= 0 and var start)
        {
            answer.Content = new StringContent(text[(start + "data: ".Length)..]);
        }

        return answer;
    }

    private async Task<HttpResponseMessage> PostAsync(
        string key, string body, (string Name, string Value)? header = null, string? type = "application/json", Uri? to = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(to ?? api.Address, Path)) { Content = new StringContent(body) };
        request.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("Accept", "application/json, text/event-stream");
        if (header is var (name, value))
        {
            request.Headers.Add(name, value);
        }

        return await api.Anonymous.SendAsync(request);
    }
}
