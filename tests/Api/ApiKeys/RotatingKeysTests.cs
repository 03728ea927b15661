using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>A new secret for a key, with time to take it: additions.md 5.</summary>
[Collection(SharedApi.Name)]
public sealed class RotatingKeysTests(ModularApi api)
{
    [Fact]
    public async Task Both_secrets_work_for_the_overlap_and_a_third_ends_the_first_at_once()
    {
        var user = await api.RegisterUserAsync();
        var first = await api.MakeTokenAsync(user, new { token_name = "rotated" });
        var before = await api.KeyAsync(first);
        var second = await RotateAsync(user, first, new { overlap_seconds = 3600 });
        Assert.Equal(Tokens.IdOf(first), Tokens.IdOf(second));
        Assert.NotEqual(first, second);
        await WorksAsync(first);
        await WorksAsync(second);
        var after = await api.KeyAsync(second);
        foreach (var member in (string[])["id", "token_name", "expires_at", "created_at", "scope"])
        {
            Assert.Equal(before.GetProperty(member).ToString(), after.GetProperty(member).ToString());
        }

        var third = await RotateAsync(user, first, new { overlap_seconds = 3600 });
        await RefusedAsync(first, "malformed");
        await WorksAsync(second);
        await WorksAsync(third);
    }

    [Fact]
    public async Task After_the_overlap_the_former_secret_is_refused_and_its_use_told_once_an_hour()
    {
        var user = await api.RegisterUserAsync();
        var first = await api.MakeTokenAsync(user, new { token_name = "leaked" });
        await WorksAsync(first);
        var second = await RotateAsync(user, first, new { });
        await RefusedAsync(first, "another secret");
        await RefusedAsync(first, "another secret");
        await WorksAsync(second);
        Assert.Single(await ToldAsync());
        await api.ExecuteAsync("update api_keys.keys set former_use_told_at = now() - interval '61 minutes' where id = $1", Tokens.IdOf(first));
        await RefusedAsync(first, "another secret");
        var told = await ToldAsync();
        Assert.Equal(2, told.Length);
        Assert.All(told, entry => Assert.Equal((401, "leaked"), (entry.GetProperty("status_code").GetInt32(), entry.Text("resource_target"))));

        async Task<System.Text.Json.JsonElement[]> ToldAsync() =>
            [.. (await api.AuditAsync($"resource_type:api_key action:write resource_id:{user.Id}"))
                .Where(entry => entry.GetProperty("additional_fields").TryGetProperty("event", out var what) && what.GetString() == "rotated_secret_used")];
    }

    public static TheoryData<string, string, string> WritesToKeys => new()
    {
        { "POST", "keys", "create" },
        { "POST", "keys/tokens", "create" },
        { "POST", "keys/{id}/rotate", "write" },
        { "PUT", "keys/{id}/expire", "write" },
        { "DELETE", "keys/{id}", "delete" },
        { "DELETE", "sessions/{session}", "delete" },
        { "DELETE", "sessions", "delete" },
        { "POST", "../logout", "logout" },
    };

    [Theory]
    [MemberData(nameof(WritesToKeys))]
    public async Task The_former_secret_changes_no_key_while_it_is_good_for_other_things(string method, string path, string action)
    {
        var user = await api.RegisterUserAsync();
        var first = await api.MakeTokenAsync(user);
        var second = await RotateAsync(user, first, new { overlap_seconds = 3600 });
        var other = await api.MakeTokenAsync(user);
        await WorksAsync(first);

        var uri = "/api/v2/users/me/" + path.Replace("{id}", Tokens.IdOf(other), StringComparison.Ordinal).Replace("{session}", user.Session[..10], StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), uri == "/api/v2/users/me/../logout" ? "/api/v2/users/logout" : uri) { Content = JsonContent.Create(new { }) };
        using var refused = await api.WithKey(first).SendAsync(request);
        Assert.Contains("replaced", (await refused.ShouldBeAsync(HttpStatusCode.Forbidden)).Text("message"), StringComparison.Ordinal);
        var entry = Assert.Single(await api.EntriesOfAsync(refused));
        Assert.Equal((action, 403), (entry.Text("action"), entry.GetProperty("status_code").GetInt32()));
        await WorksAsync(first);
        await WorksAsync(second);
        await WorksAsync(other);
        await WorksAsync(user.Session);
    }

    [Fact]
    public async Task The_log_says_that_it_was_rotated_and_no_secret()
    {
        var user = await api.RegisterUserAsync();
        var first = await api.MakeTokenAsync(user);
        using var rotated = await PostAsync(user, first, new { overlap_seconds = 60 });
        var second = (await rotated.ShouldBeAsync(HttpStatusCode.OK)).Text("key");
        var entry = Assert.Single(await api.EntriesOfAsync(rotated));
        Assert.Equal("""{"event":"rotated","overlap_seconds":60}""", entry.GetProperty("additional_fields").GetRawText());
        Assert.DoesNotContain(second[11..], entry.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_gets_a_secret_for_more_than_they_hold()
    {
        var user = await api.RegisterUserAsync();
        var wide = await api.MakeTokenAsync(user);
        var narrow = await api.As(user).MakeTokenAsync(Tokens.Request(["api_key:read", "api_key:update"], lifetime: TimeSpan.FromHours(2)));
        var shorter = await api.As(user).MakeTokenAsync(Tokens.Request(["api_key:read"], lifetime: TimeSpan.FromHours(1)));
        var longer = await api.As(user).MakeTokenAsync(Tokens.Request(["api_key:read"], lifetime: TimeSpan.FromHours(3)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(wide));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(shorter));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(longer));
        await WorksAsync(wide);

        async Task<HttpStatusCode> StatusAsync(string key)
        {
            using var answer = await api.WithKey(narrow).PostAsJsonAsync($"/api/v2/users/me/keys/{Tokens.IdOf(key)}/rotate", new { });
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task What_cannot_be_rotated_is_told()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        foreach (var wrong in (int[])[-1, 86_401])
        {
            using var refused = await PostAsync(user, token, new { overlap_seconds = wrong });
            await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest, "overlap_seconds");
        }

        using var others = await PostAsync(await api.RegisterUserAsync("user-admin"), token, new { });
        await others.ShouldRefuseAsync(HttpStatusCode.NotFound);
        using var unknown = await PostAsync(user, "nonexistent", new { });
        await unknown.ShouldRefuseAsync(HttpStatusCode.NotFound);
        using var reader = api.WithKey(await api.MakeTokenAsync(user, new { scopes = new[] { "api_key:read" } }));
        using var narrow = await reader.PostAsJsonAsync($"/api/v2/users/me/keys/{Tokens.IdOf(token)}/rotate", new { });
        await narrow.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() where id = $1", Tokens.IdOf(token));
        using var expired = await PostAsync(user, token, new { });
        await expired.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_secret_that_was_replaced_on_another_server_works_here_at_once()
    {
        await using var other = await api.StartAnotherAsync(sameDatabase: true);
        var user = await api.RegisterUserAsync();
        var key = await api.MakeTokenAsync(user);
        for (var round = 0; round < 10; round++)
        {
            await other.Client(key).ReadAsync("/api/v2/users/me");
            await other.Client(key).ReadAsync("/api/v2/users/me");
            key = await RotateAsync(user, key, new { });
            await other.Client(key).ReadAsync("/api/v2/users/me");
        }
    }

    private Task<HttpResponseMessage> PostAsync(ApiUser by, string key, object body) =>
        api.As(by).PostAsJsonAsync($"/api/v2/users/me/keys/{key.Split('-')[0]}/rotate", body);

    private async Task<string> RotateAsync(ApiUser by, string key, object body)
    {
        using var rotated = await PostAsync(by, key, body);
        return (await rotated.ShouldBeAsync(HttpStatusCode.OK)).Text("key");
    }

    private Task WorksAsync(string key) => api.WithKey(key).ReadAsync("/api/v2/users/me");

    private async Task RefusedAsync(string key, string detail)
    {
        using var refused = await api.WithKey(key).GetAsync("/api/v2/users/me");
        Assert.Contains(detail, (await refused.ShouldBeAsync(HttpStatusCode.Unauthorized)).Text("detail"), StringComparison.Ordinal);
    }
}
