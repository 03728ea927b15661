using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Audit;

/// <summary>What leaves an entry, what does not, and what an entry never holds.</summary>
[Collection(SharedApi.Name)]
public sealed class WritingTheLogTests(ModularApi api)
{
    [Fact]
    public async Task Nothing_secret_is_ever_in_it()
    {
        const string NewPassword = "MyTotallySecureP4ss";
        var user = await api.RegisterAndLogInAsync();
        var token = await api.MakeTokenAsync(user);
        using var owner = api.As(api.Owner);
        await (await owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/password", new { password = NewPassword })).ShouldBeAsync(HttpStatusCode.NoContent);
        await owner.DeleteAsync($"/api/v2/users/{user.Id}");

        var log = await owner.GetStringAsync("/api/v2/audit?limit=1000");

        Assert.All(
            new[] { user.Session, user.Session[11..], token, token[11..], ModularApi.Password, NewPassword, "argon2" },
            secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
        Assert.Contains("\"hashed_password\":{\"secret\":true}", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_change_of_a_user_shows_what_it_changed()
    {
        var user = await api.RegisterAndLogInAsync();
        using var owner = api.As(api.Owner);
        await owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/profile", new { username = user.Username, name = "New Name" });
        await owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/roles", new { roles = new[] { "auditor" } });
        await owner.PutAsync($"/api/v2/users/{user.Id}/status/suspend", null);
        await owner.PutAsync($"/api/v2/users/{user.Id}/status/activate", null);
        await owner.PutAsync($"/api/v2/users/{user.Id}/status/activate", null);

        var diffs = (await EntriesAsync($"resource_id:{user.Id} username:owner action:write")).Select(entry => entry.GetProperty("diff").ToString());
        Assert.Equal(
            [
                "{}",
                """{"status":{"new":"active","old":"suspended","secret":false}}""",
                """{"status":{"new":"suspended","old":"active","secret":false}}""",
                """{"rbac_roles":{"new":["auditor"],"old":[],"secret":false}}""",
                """{"name":{"new":"New Name","old":"","secret":false}}""",
            ],
            diffs);
    }

    [Fact]
    public async Task Reads_and_failures_without_a_target_leave_none()
    {
        var user = await api.RegisterAndLogInAsync();
        using var client = api.As(user);
        var before = (await EntriesAsync($"username:{user.Username}")).Count;
        await client.GetAsync("/api/v2/users/me");
        await client.GetAsync("/api/v2/users");
        await client.PostAsJsonAsync("/api/v2/users", new { });
        await client.DeleteAsync("/api/v2/users/nobody");
        await client.PutAsJsonAsync("/api/v2/users/me/appearance", new { theme_preference = "dark" });
        await client.PutAsJsonAsync("/api/v2/users/me/profile", new { username = "-bad-" });
        await client.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { "nonsense" } });

        Assert.Equal(before, (await EntriesAsync($"username:{user.Username}")).Count);
    }

    public static TheoryData<string, string, string?, int> Refusals => new()
    {
        { "DELETE", "", null, 403 },
        { "PUT", "/appearance", "{}", 403 },
        { "PUT", "/profile", """{"username":"SAME","name":"x"}""", 403 },
        { "PUT", "/profile", """{"username":"somebody-else"}""", 404 },
        { "PUT", "/password", """{"password":"MyTotallySecureP4ss"}""", 404 },
        { "PUT", "/roles", """{"roles":[]}""", 403 },
        { "PUT", "/status/suspend", null, 403 },
        { "POST", "/keys/tokens", "{}", 403 },
    };

    /// <summary>By an auditor, who reads users and changes none.</summary>
    [Theory, MemberData(nameof(Refusals))]
    public async Task A_refused_write_on_somebody_known_leaves_an_entry_with_its_status(string method, string path, string? body, int status)
    {
        var (user, auditor) = (await api.RegisterAndLogInAsync(), await api.RegisterAndLogInAsync("auditor"));
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v2/users/{user.Id}{path}")
        {
            Content = body is null ? null : new StringContent(body.Replace("SAME", user.Username, StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json"),
        };

        Assert.Equal(status, (int)(await api.As(auditor).SendAsync(request)).StatusCode);

        var entry = Assert.Single(await EntriesAsync($"username:{auditor.Username} resource_id:{user.Id}"));
        Assert.Equal((status, "{}"), (entry.GetProperty("status_code").GetInt32(), entry.GetProperty("diff").ToString()));
        Assert.StartsWith("{user} unsuccessfully attempted to", entry.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_login_is_kept_of_a_known_user_and_of_nobody_else()
    {
        var user = await api.RegisterAndLogInAsync();
        await api.Anonymous.PostAsJsonAsync("/api/v2/users/login", new { email = $"{user.Username}@example.com", password = "wrong" });
        using var unknown = await api.Anonymous.PostAsJsonAsync("/api/v2/users/login", new { email = "nobody-at-all@example.com", password = "wrong" });

        var logins = await EntriesAsync($"username:{user.Username} action:login");
        Assert.Equal([401, 201], logins.Select(entry => entry.GetProperty("status_code").GetInt32()));
        Assert.Equal(Guid.Empty, logins[0].GetProperty("resource_id").GetGuid());
        Assert.Empty(await EntriesAsync($"request_id:{unknown.Headers.GetValues("X-Request-Id").Single()}"));
    }

    private async Task<List<JsonElement>> EntriesAsync(string q) =>
        [.. (await (await api.As(api.Owner).GetAsync($"/api/v2/audit?limit=1000&q={Uri.EscapeDataString(q)}")).ShouldBeAsync(HttpStatusCode.OK))
            .GetProperty("audit_logs").EnumerateArray()];
}
