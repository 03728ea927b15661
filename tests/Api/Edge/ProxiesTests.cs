using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Edge;

/// <summary>Whose address a request has behind proxies: users-and-auth.md 28, Proxy. The tests' own is 127.0.0.1.</summary>
[Collection(SharedApi.Name)]
public sealed class ProxiesTests(ModularApi api)
{
    private const string Origins = "127.0.0.0/8,10.0.0.0/8";

    [Theory]
    [InlineData(Origins, null, "X-Forwarded-For: 203.0.113.5", "203.0.113.5")]
    [InlineData(Origins, null, "X-Forwarded-For: 203.0.113.5, 10.0.0.7", "203.0.113.5")]
    [InlineData(Origins, null, "X-Forwarded-For: 203.0.113.5, 10.0.0.7, 10.1.2.3, 127.0.0.9", "203.0.113.5")]
    [InlineData(Origins, null, "X-Forwarded-For: 192.0.2.1, 203.0.113.5, 10.0.0.7", "203.0.113.5")]
    [InlineData(Origins, null, "X-Forwarded-For: 10.0.0.9, 203.0.113.5", "203.0.113.5")]
    [InlineData(Origins, null, "X-Real-IP: 203.0.113.5", "127.0.0.1")]
    [InlineData("192.0.2.0/24", null, "X-Forwarded-For: 203.0.113.5", "127.0.0.1")]
    [InlineData(null, null, "X-Forwarded-For: 203.0.113.5", "127.0.0.1")]
    [InlineData(Origins, "X-Real-IP,X-Forwarded-For", "X-Real-IP: 203.0.113.5", "203.0.113.5")]
    [InlineData(Origins, "X-Real-IP,X-Forwarded-For", "X-Forwarded-For: 203.0.113.5", "203.0.113.5")]
    [InlineData(Origins, "X-Real-IP,X-Forwarded-For", "X-Real-IP: 203.0.113.5;X-Forwarded-For: 198.51.100.9", "203.0.113.5")]
    [InlineData(Origins, "X-Real-IP", "X-Forwarded-For: 203.0.113.5", "127.0.0.1")]
    public async Task The_client_is_the_last_address_that_is_no_trusted_proxy(string? origins, string? names, string headers, string address)
    {
        await using var server = await api.StartAnotherAsync(
            new() { ["Modular:Proxy:TrustedOrigins"] = origins, ["Modular:Proxy:TrustedHeaders"] = names }, sameDatabase: true);
        var user = await api.RegisterUserAsync();
        using var client = server.Client();
        foreach (var header in headers.Split(';').Select(header => header.Split(": ")))
        {
            client.DefaultRequestHeaders.Add(header[0], header[1]);
        }

        using var login = await client.PostAsJsonAsync("/api/v2/users/login", new { email = $"{user.Username}@example.com", password = ModularApi.Password });

        await login.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(address, (await api.AuditAsync($"action:login username:{user.Username}"))[0].GetProperty("ip").GetString());
    }
}
