using System.Net;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>Reading by name, expiring, deleting, and what is left of a key afterwards: keys-audit-preferences.md 3.5 to 3.9, additions.md 5.</summary>
[Collection(SharedApi.Name)]
public sealed class EndingKeysTests(ModularApi api)
{
    [Fact]
    public async Task A_token_is_read_by_its_name_as_it_stands()
    {
        var (user, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        foreach (var name in (string[])["Backup", "tokenconfig", "a b%/ü"])
        {
            await api.MakeTokenAsync(user, new { token_name = name });
        }

        Assert.Equal("Backup", (await ReadAsync(user, "Backup", HttpStatusCode.OK)).Text("token_name"));
        Assert.Equal("a b%/ü", (await ReadAsync(user, Uri.EscapeDataString("a b%/ü"), HttpStatusCode.OK)).Text("token_name"));
        await ReadAsync(user, "backup", HttpStatusCode.NotFound);
        await ReadAsync(other, "Backup", HttpStatusCode.NotFound);
        Assert.True((await ReadAsync(user, "tokenconfig", HttpStatusCode.OK)).TryGetProperty("max_token_lifetime", out _));
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() - interval '1 hour' where user_id = $1 and login_type = 'token'", user.Id);
        await ReadAsync(user, "Backup", HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false, 3_155_760_000_000_000_000)]
    [InlineData(true, 604_800_000_000_000)]
    public async Task The_longest_lifetime_depends_on_the_user(bool isOwner, long nanoseconds)
    {
        var user = isOwner ? api.Owner : await api.RegisterUserAsync();
        var read = await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}/keys/tokens/tokenconfig");
        Assert.Equal(nanoseconds, read.GetProperty("max_token_lifetime").GetInt64());
    }

    [Fact]
    public async Task Expiring_twice_is_once_and_the_log_says_it_once()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user, new { token_name = "old" });
        await ExpireAsync(user, token, HttpStatusCode.NoContent);
        var end = (await api.KeyAsync(token)).Time("expires_at");
        await ExpireAsync(user, token, HttpStatusCode.NoContent);
        Assert.Equal(end, (await api.KeyAsync(token)).Time("expires_at"));

        using var refused = await api.WithKey(token).GetAsync("/api/v2/users/me");
        Assert.Equal("API key expired", (await refused.ShouldBeAsync(HttpStatusCode.Unauthorized)).Text("detail"));
        var entry = Assert.Single(await api.AuditAsync($"action:write resource_type:api_key username:{user.Username}"));
        Assert.Equal(("old", 204), (entry.Text("resource_target"), entry.GetProperty("status_code").GetInt32()));
        Assert.True(entry.GetProperty("diff").TryGetProperty("expires_at", out _));

        Assert.Empty(await api.As(user).TokenNamesAsync());
        Assert.Equal(["old"], await api.As(user).TokenNamesAsync(query: "?include_expired=true"));
        using var deleted = await api.As(user).DeleteAsync($"/api/v2/users/me/keys/{Tokens.IdOf(token)}");
        await deleted.ShouldBeAsync(HttpStatusCode.NoContent);
        using var gone = await api.As(user).GetAsync($"/api/v2/users/me/keys/{Tokens.IdOf(token)}");
        await gone.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Two_at_once_expire_it_once_and_delete_it_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var user = await api.RegisterUserAsync();
            var path = $"/api/v2/users/me/keys/{Tokens.IdOf(await api.MakeTokenAsync(user))}";
            var expired = await Task.WhenAll(api.As(user).PutAsync($"{path}/expire", null), api.As(user).PutAsync($"{path}/expire", null));
            Assert.All(expired, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
            Assert.Single(await api.AuditAsync($"action:write resource_type:api_key username:{user.Username}"));
            var deleted = await Task.WhenAll(api.As(user).DeleteAsync(path), api.As(user).DeleteAsync(path));
            Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NotFound], deleted.Select(answer => answer.StatusCode).Order());
        }
    }

    [Fact]
    public async Task Who_may_expire_whose()
    {
        var user = await api.RegisterUserAsync();
        var token = Tokens.IdOf(await api.MakeTokenAsync(user));
        await ExpireAsync(await api.RegisterUserAsync(), token, HttpStatusCode.NotFound);
        await ExpireAsync(await api.RegisterUserAsync("user-admin"), token, HttpStatusCode.NotFound);
        await ExpireAsync(user, "nonexistent", HttpStatusCode.NotFound);
        using var reader = api.WithKey(await api.MakeTokenAsync(user, new { scopes = new[] { "api_key:read", "user:read" } }));
        using var refused = await reader.PutAsync($"/api/v2/users/me/keys/{token}/expire", null);
        await refused.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        await ExpireAsync(api.Owner, token, HttpStatusCode.NoContent);
        using var members = await api.As(user).PutAsync($"/api/v2/users/me/keys/{Tokens.IdOf(api.Owner.Session)}/expire", null);
        await members.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_deleted_token_is_listed_on_request_and_its_name_is_free()
    {
        var user = await api.RegisterUserAsync();
        var first = await api.MakeTokenAsync(user, new { token_name = "again" });
        using var deleted = await api.As(user).DeleteAsync($"/api/v2/users/me/keys/{Tokens.IdOf(first)}");
        await deleted.ShouldBeAsync(HttpStatusCode.NoContent);
        using var byName = await api.As(user).GetAsync($"{Tokens.Mine}/again");
        await byName.ShouldRefuseAsync(HttpStatusCode.NotFound);
        var second = await api.MakeTokenAsync(user, new { token_name = "again" });
        var third = await api.MakeTokenAsync(user, new { token_name = "third" });
        await ExpireAsync(user, third, HttpStatusCode.NoContent);

        Assert.Equal([(Tokens.IdOf(second), null)], await StatesAsync(""));
        Assert.Equal([(Tokens.IdOf(first), "revoked"), (Tokens.IdOf(second), "active")], await StatesAsync("?include_revoked=true"));
        Assert.Equal([(Tokens.IdOf(second), "active"), (Tokens.IdOf(third), "expired")], await StatesAsync("?include_expired=true"));
        Assert.Equal(
            [(Tokens.IdOf(first), "revoked"), (Tokens.IdOf(second), "active"), (Tokens.IdOf(third), "expired")],
            await StatesAsync("?include_revoked=true&include_expired=1"));

        async Task<(string, string?)[]> StatesAsync(string query) =>
            [.. (await api.As(user).ReadAsync(Tokens.Mine + query)).EnumerateArray().Select(token =>
                (token.Text("id"), token.TryGetProperty("state", out var state) ? state.GetString() : null))];
    }

    [Fact]
    public async Task What_is_wrong_with_a_key_is_told_to_its_holder_alone()
    {
        var user = await api.RegisterUserAsync();
        var (deleted, expired, suspended) = (await api.MakeTokenAsync(user), await api.MakeTokenAsync(user), await api.MakeTokenAsync(user));
        await (await api.As(user).DeleteAsync($"/api/v2/users/me/keys/{Tokens.IdOf(deleted)}")).ShouldBeAsync(HttpStatusCode.NoContent);
        await ExpireAsync(user, expired, HttpStatusCode.NoContent);
        await (await api.As(api.Owner).PutAsync($"/api/v2/users/{user.Id}/status/suspend", null)).ShouldBeAsync(HttpStatusCode.OK);

        var unknown = await DetailAsync("0123456789-0123456789012345678901");
        Assert.Contains("deleted", await DetailAsync(deleted), StringComparison.Ordinal);
        Assert.Equal("API key expired", await DetailAsync(expired));
        Assert.Contains("suspended", await DetailAsync(suspended), StringComparison.Ordinal);
        foreach (var key in (string[])[deleted, expired, suspended])
        {
            Assert.Equal(unknown, await DetailAsync($"{Tokens.IdOf(key)}-{new string('x', 22)}"));
        }

        async Task<string> DetailAsync(string key)
        {
            using var refused = await api.WithKey(key).GetAsync("/api/v2/users/me");
            return (await refused.ShouldBeAsync(HttpStatusCode.Unauthorized)).Text("detail");
        }
    }

    [Fact]
    public async Task After_the_retention_time_a_key_is_unknown()
    {
        var user = await api.RegisterUserAsync();
        foreach (var name in (string[])["expired", "revoked", "expired lately", "revoked lately", "alive"])
        {
            await api.MakeTokenAsync(user, new { token_name = name });
        }

        await api.ExecuteAsync(
            """
            update api_keys.keys
            set expires_at = case when token_name like 'expired%' then ago else expires_at end,
                revoked_at = case when token_name like 'revoked%' then ago end
            from (values ('expired', now() - interval '169 hours'), ('revoked', now() - interval '169 hours'),
                         ('expired lately', now() - interval '167 hours'), ('revoked lately', now() - interval '167 hours')) as gone (name, ago)
            where user_id = $1 and token_name = gone.name
            """,
            user.Id);
        await using var keeping = await api.StartAnotherAsync(new() { ["Modular:Retention:ApiKeys"] = "0" }, sameDatabase: true);
        await using var purging = await api.StartAnotherAsync(sameDatabase: true);
        await People.EventuallyAsync(async () => (await NamesAsync()).Length == 3);
        Assert.Equal(["alive", "expired lately", "revoked lately"], (await NamesAsync()).Order());

        Task<string[]> NamesAsync() => api.As(user).TokenNamesAsync(query: "?include_revoked=true&include_expired=true");
    }

    [Fact]
    public async Task Of_a_deleted_users_keys_ids_and_hashes_are_left()
    {
        var user = await api.RegisterUserAsync();
        await api.MakeTokenAsync(user, new { token_name = "private", scopes = new[] { "user:read" } });
        await api.As(user).ReadAsync("/api/v2/users/me");
        await (await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        await using var database = await api.OpenDatabaseAsync();
        await using var left = new Npgsql.NpgsqlCommand(
            """
            select count(*) from api_keys.keys
            where user_id = $1 and revoked_at is not null and token_name = '' and scopes = '{}' and user_agent = ''
              and ip_address = '0.0.0.0' and last_used is null
            """,
            database)
        {
            Parameters = { new() { Value = user.Id } },
        };
        Assert.Equal(2L, await left.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Tokens_that_end_soon_are_found()
    {
        var user = await api.RegisterUserAsync();
        foreach (var hours in (int[])[1, 47, 49])
        {
            await api.MakeTokenAsync(user, Tokens.Request(lifetime: TimeSpan.FromHours(hours), name: $"h{hours}"));
        }

        Assert.Equal(["h1", "h47"], await api.As(user).TokenNamesAsync(query: "?expiring_within=48h"));
        Assert.Equal(["h1", "h47", "h49"], await api.As(user).TokenNamesAsync(query: "?expiring_within=7d"));
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() where user_id = $1 and token_name = 'h1'", user.Id);
        Assert.Equal(["h47"], await api.As(user).TokenNamesAsync(query: "?expiring_within=2d&include_expired=true"));
        foreach (var wrong in (string[])["soon", "-1h", "0", "0s", "5", "99999999999d"])
        {
            using var refused = await api.As(user).GetAsync($"{Tokens.Mine}?expiring_within={wrong}");
            await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest, "expiring_within");
        }
    }

    [Fact]
    public async Task A_page_tells_where_the_list_goes_on()
    {
        var user = await api.RegisterUserAsync();
        await api.StoreTokensAsync(user, 5);
        var seen = new List<string>();
        for (var next = $"{Tokens.Mine}?limit=2&include_expired=true"; next is not null;)
        {
            using var page = await api.As(user).GetAsync(next);
            var tokens = (await page.ShouldBeAsync(HttpStatusCode.OK)).EnumerateArray().ToArray();
            Assert.InRange(tokens.Length, 1, 2);
            seen.AddRange(tokens.Select(token => token.Text("id")));
            next = page.Headers.TryGetValues("Link", out var links) ? Assert.Single(links).Split('<', '>')[1] : null;
        }

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
    }

    private async Task ExpireAsync(ApiUser by, string key, HttpStatusCode status)
    {
        using var answer = await api.As(by).PutAsync($"/api/v2/users/me/keys/{key.Split('-')[0]}/expire", null);
        await answer.ShouldRefuseOrBeAsync(status);
    }

    private async Task<System.Text.Json.JsonElement> ReadAsync(ApiUser user, string name, HttpStatusCode status)
    {
        using var answer = await api.As(user).GetAsync($"{Tokens.Mine}/{name}");
        return await answer.ShouldBeAsync(status);
    }
}
