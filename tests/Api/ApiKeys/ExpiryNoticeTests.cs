using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>The log is told before a token ends: additions.md 5.</summary>
[Collection(SharedApi.Name)]
public sealed class ExpiryNoticeTests(ModularApi api)
{
    [Fact]
    public async Task A_week_and_a_day_before_once_each_however_many_servers_run()
    {
        var user = await api.RegisterUserAsync();
        await MakeAsync("in 8 days", created: "30 days", expires: "8 days");
        await MakeAsync("in 6 days", created: "30 days", expires: "6 days");
        await MakeAsync("in 23 hours", created: "30 days", expires: "23 hours");
        await MakeAsync("for an hour", created: "1 minute", expires: "1 hour");
        await MakeAsync("for a week", created: "1 minute", expires: "6 days 23:59:00");
        await MakeAsync("expired", created: "30 days", expires: "-1 hour");

        await StartThreeAsync();
        await People.EventuallyAsync(async () => (await NoticesAsync()).Length == 2);
        Assert.Equal(["in 23 hours 1", "in 6 days 7"], await NoticesAsync());

        await api.ExecuteAsync("update api_keys.keys set expires_at = expires_at - interval '5 days 2 hours' where user_id = $1 and token_name = 'in 6 days'", user.Id);
        await StartThreeAsync();
        await People.EventuallyAsync(async () => (await NoticesAsync()).Length == 3);
        Assert.Equal(["in 23 hours 1", "in 6 days 1", "in 6 days 7"], await NoticesAsync());

        async Task MakeAsync(string name, string created, string expires)
        {
            await api.MakeTokenAsync(user, new { token_name = name });
            await api.ExecuteAsync(
                $"update api_keys.keys set created_at = now() - interval '{created}', expires_at = now() + interval '{expires}' where user_id = $1 and token_name = $2",
                user.Id,
                name);
        }

        // Each looks when it has started.
        async Task StartThreeAsync()
        {
            foreach (var server in await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => api.StartAnotherAsync(sameDatabase: true))))
            {
                await server.DisposeAsync();
            }
        }

        async Task<string[]> NoticesAsync() =>
        [
            .. (await api.AuditAsync($"resource_type:api_key action:write resource_id:{user.Id}"))
                .Where(entry => entry.GetProperty("additional_fields").TryGetProperty("event", out var what) && what.GetString() == "expiring")
                .Select(entry => $"{entry.Text("resource_target")} {entry.GetProperty("additional_fields").GetProperty("days")}")
                .Order(StringComparer.Ordinal),
        ];
    }
}
