using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Users who have not been seen for long: users-and-auth.md 3.8.</summary>
[Collection(SecondApi.Name)]
public sealed class FallingDormantTests(ModularApi api)
{
    [Fact]
    public async Task Who_was_not_seen_for_long_is_dormant_and_wakes_up_when_seen()
    {
        var (seen, unseen) = (await SinceAsync("now() - interval '89 days'"), await SinceAsync("now() - interval '91 days'"));
        var (never, neverYet) = (await SinceAsync("null"), await SinceAsync("null"));
        await api.ExecuteAsync("update users.users set created_at = now() - interval '91 days' where id = $1", never.Id);
        var (suspended, deleted) = (await SinceAsync("now() - interval '91 days'"), await SinceAsync("now() - interval '91 days'"));
        await api.SetStatusAsync(suspended.Id, "suspended");
        await api.ExecuteAsync("update users.users set deleted = true where id = $1", deleted.Id);
        var before = (await EntriesAsync(unseen)).Length;

        // Two servers at once look for them when they start.
        await using var one = await api.StartAnotherAsync(sameDatabase: true);
        await using var two = await api.StartAnotherAsync(sameDatabase: true);
        await People.EventuallyAsync(async () => await StatusAsync(unseen) == "dormant" && await StatusAsync(never) == "dormant");

        Assert.Equal(("active", "active"), (await StatusAsync(seen), await StatusAsync(neverYet)));
        Assert.Equal(("suspended", "active"), (await StatusAsync(suspended), await StatusAsync(deleted)));
        var entry = (await EntriesAsync(unseen))[0];
        Assert.Equal(before + 1, (await EntriesAsync(unseen)).Length);
        Assert.Equal(("write", 200, JsonValueKind.Null), (entry.Text("action"), entry.GetProperty("status_code").GetInt32(), entry.GetProperty("user").ValueKind));
        Assert.Equal("""{"status":{"new":"dormant","old":"active","secret":false}}""", entry.GetProperty("diff").GetRawText());
        Assert.Equal("dormancy", entry.GetProperty("additional_fields").Text("automatic_subsystem"));

        Assert.Equal("active", (await api.As(unseen).ReadAsync("/api/v2/users/me")).Text("status"));
    }

    [Fact]
    public async Task More_than_a_batch_of_them_is_marked()
    {
        await api.ExecuteAsync(
            """
            insert into users.users (
              id, username, username_key, email, email_key, name, avatar_url, status, login_type, rbac_roles, is_service_account, deleted,
              created_at, updated_at, last_seen_at, search_name, search_text)
            select gen_random_uuid(), name, name, name || '@example.com', name || '@example.com', '', '', 'active', 'password', '{}', false, false,
              '2001-01-01', '2001-01-01', '2001-01-01', '', concat_ws(E'\n', name, name || '@example.com', '')
            from (select 'sleeper' || n as name from generate_series(1, 250) n) names
            """);
        await using var server = await api.StartAnotherAsync(sameDatabase: true);
        await People.EventuallyAsync(async () =>
        {
            var left = await api.As(api.Owner).ReadAsync($"/api/v2/users?q={Uri.EscapeDataString("sleeper status:active")}&limit=1");
            return left.GetProperty("count").GetInt32() == 0;
        });
    }

    private async Task<ApiUser> SinceAsync(string time)
    {
        var user = await api.RegisterUserAsync();
        await api.ExecuteAsync($"update users.users set status = 'active', last_seen_at = {time} where id = $1", user.Id);
        return user;
    }

    private async Task<string> StatusAsync(ApiUser user) => (await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}")).Text("status");

    private Task<JsonElement[]> EntriesAsync(ApiUser user) => api.AuditAsync($"resource_type:user resource_target:{user.Username} action:write");
}
