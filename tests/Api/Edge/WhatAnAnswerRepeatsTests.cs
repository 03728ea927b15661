using System.Net;
using System.Text;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Edge;

/// <summary>
/// An answer is held until it is read, so that a refusal must not grow with what was wrong: 1 MiB of '&lt;' came back as 6 MiB of escapes.
/// </summary>
[Collection(SharedApi.Name)]
public sealed class WhatAnAnswerRepeatsTests(ModularApi api)
{
    private const int MostBytes = 20_000;

    [Theory]
    [InlineData("/api/v2/users/first", """{"<>": tru}""")]
    [InlineData("/api/v2/users/login", """{"<>": tru}""")]
    [InlineData("/api/v2/users/login", """{"email": "<>", "password": "<>"}""")]
    [InlineData("/api/v2/users/validate-password", """{"<>": tru}""")]
    [InlineData("/api/v2/users/otp/request", """{"<>": tru}""")]
    [InlineData("/api/v2/users/otp/change-password", """{"<>": tru}""")]
    [InlineData("/api/v2/users/otp/change-password", """{"email": "<>"}""")]
    [InlineData("/api/v2/csp/reports", """{"<>": tru}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"scope": "<>"}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"scopes": ["<>"]}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"allow_list": [{"type": "<>", "id": "*"}]}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"allow_list": [{"type": "user", "id": "<>"}]}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"token_name": "<>"}""")]
    [InlineData("/api/v2/users", """{"username": "<>", "email": "<>", "login_type": "<>", "roles": ["<>"]}""")]
    [InlineData("/api/v2/users", """{"username": "fits-well", "email": "fits@example.com", "login_type": "<>"}""")]
    [InlineData("/api/v2/organizations", """{"name": "<>", "icon": "<>"}""")]
    [InlineData("/api/v2/users/me/convert-login", """{"to_type": "<>", "password": "x"}""")]
    public async Task A_refusal_is_short_however_long_what_it_refuses(string path, string body)
    {
        var owner = await api.RegisterUserAsync("owner");
        using var client = new HttpClient { BaseAddress = api.Address };
        client.DefaultRequestHeaders.Add("Coder-Session-Token", owner.Session);
        var places = body.Split("<>").Length - 1;
        using var content = new StringContent(body.Replace("<>", new string('<', 1_000_000 / places), StringComparison.Ordinal), Encoding.UTF8, "application/json");

        using var answer = await client.PostAsync(path, content);

        Assert.True(answer.StatusCode != HttpStatusCode.InternalServerError, $"{answer.StatusCode}");
        Assert.InRange((await answer.Content.ReadAsByteArrayAsync()).Length, 0, MostBytes);
    }

    [Fact]
    public async Task A_list_of_wrong_parameters_ends_after_a_hundred()
    {
        using var client = api.As(api.Owner);
        using var answer = await client.GetAsync($"/api/v2/users/me/autofill-parameters?{string.Join('&', Enumerable.Range(0, 1_000).Select(number => $"p{number}"))}");

        await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.InRange((await answer.Content.ReadAsByteArrayAsync()).Length, 1_000, MostBytes);
    }

    /// <summary>Half a character would be no text any more.</summary>
    [Fact]
    public async Task What_is_cut_is_cut_between_characters()
    {
        using var client = api.As(api.Owner);
        foreach (var before in new[] { "", "x" })
        {
            using var content = new StringContent($$"""{"scope": "{{before}}{{string.Concat(Enumerable.Repeat("😀", 2_000))}}"}""", Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync("/api/v2/users/me/keys/tokens", content);

            await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
            Assert.DoesNotContain("\uFFFD", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    /// <summary>What may be as long as it is, is counted until it is read: no address holds more of it than 32 MiB.</summary>
    [Fact]
    public async Task Answers_that_are_not_read_are_bounded_for_an_address()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:RateLimits:Api"] = "0" }, sameDatabase: true);
        var user = await api.RegisterUserAsync();
        var body = """{"checks": {"CHECK": {"object": {"resource_type": "user"}, "action": "read"}}}""".Replace("CHECK", new string('<', 1_000_000), StringComparison.Ordinal);
        var head = $"POST /api/v2/authcheck HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nCoder-Session-Token: {user.Session}\r\nContent-Length: {body.Length}\r\n\r\n";
        var clients = new List<System.Net.Sockets.TcpClient>();
        var statuses = new List<string>();
        try
        {
            for (var i = 0; i < 20; i++)
            {
                var client = new System.Net.Sockets.TcpClient { ReceiveBufferSize = 4_096 };
                clients.Add(client);
                await client.ConnectAsync(server.Address.Host, server.Address.Port);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + body));
                var line = new byte[15];
                await client.GetStream().ReadExactlyAsync(line);
                statuses.Add(Encoding.ASCII.GetString(line)[9..12]);
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        Assert.Contains("429", statuses);
        Assert.InRange(statuses.Count(status => status == "200"), 3, 12); // 6 MB each, of which the system's own buffers take some.
        await People.EventuallyAsync(async () => (await server.Client(user.Session).GetAsync("/api/v2/users/me")).IsSuccessStatusCode);
    }
}
