using System.Net;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>What is written down when a key is used: users-and-auth.md 3.3 and 3.9. It may follow the answer.</summary>
[Collection(SecondApi.Name)]
public sealed class UsingAKeyTests(ModularApi api)
{
    private const string Zero = "0001-01-01T00:00:00Z";

    [Fact]
    public async Task For_the_first_time_notes_when_and_sees_the_user()
    {
        var user = await api.RegisterAndLogInAsync();
        var before = await KeyAsync(user);
        Assert.Equal(Zero, before.Text("last_used"));

        await api.As(user).ReadAsync("/api/v2/users/me");

        await People.EventuallyAsync(async () => (await KeyAsync(user)).Text("last_used") != Zero);
        var key = await KeyAsync(user);
        var seen = await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}");
        Assert.True(seen.GetProperty("last_seen_at").GetDateTimeOffset() >= key.GetProperty("created_at").GetDateTimeOffset());
        Assert.Equal(seen.Text("last_seen_at"), seen.Text("updated_at"));
    }

    [Fact]
    public async Task On_a_public_route_or_by_a_suspended_user_counts_too()
    {
        var visitor = await api.RegisterAndLogInAsync();
        await api.As(visitor).ReadAsync("/api/v2/buildinfo");
        await People.EventuallyAsync(async () => (await KeyAsync(visitor)).Text("last_used") != Zero);

        var suspended = await api.RegisterAndLogInAsync();
        await api.SetStatusAsync(suspended.Id, "suspended");
        using var refused = await api.As(suspended).GetAsync("/api/v2/users/me");
        await refused.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await People.EventuallyAsync(async () => (await KeyAsync(suspended)).Text("last_used") != Zero);
    }

    [Fact]
    public async Task Writes_at_most_about_once_an_hour()
    {
        var recent = await api.RegisterAndLogInAsync();
        await SetUseAsync(recent, lastUsed: "59 minutes", expires: "24 hours");
        var before = await KeyAsync(recent);
        var due = await api.RegisterAndLogInAsync();
        await SetUseAsync(due, lastUsed: "61 minutes", expires: "24 hours");
        var dueBefore = await KeyAsync(due);

        await api.As(recent).ReadAsync("/api/v2/users/me");
        await api.As(due).ReadAsync("/api/v2/users/me");

        // Uses are written in the order they were noted: once the second is there, the first would be.
        await People.EventuallyAsync(async () => (await KeyAsync(due)).Text("last_used") != dueBefore.Text("last_used"));
        Assert.Equal(dueBefore.Text("expires_at"), (await KeyAsync(due)).Text("expires_at"));
        Assert.Equal(before.ToString(), (await KeyAsync(recent)).ToString());
    }

    [Fact]
    public async Task Prolongs_a_session_that_has_less_than_its_lifetime_but_an_hour_left()
    {
        var ample = await api.RegisterAndLogInAsync();
        await SetUseAsync(ample, lastUsed: "1 minute", expires: "23 hours 5 minutes");
        var ampleBefore = await KeyAsync(ample);
        var scarce = await api.RegisterAndLogInAsync();
        await SetUseAsync(scarce, lastUsed: "1 minute", expires: "22 hours 55 minutes");
        var scarceBefore = await KeyAsync(scarce);

        await api.As(ample).ReadAsync("/api/v2/users/me");
        await api.As(scarce).ReadAsync("/api/v2/users/me");

        await People.EventuallyAsync(async () => (await KeyAsync(scarce)).Text("expires_at") != scarceBefore.Text("expires_at"));
        var prolonged = (await KeyAsync(scarce)).GetProperty("expires_at").GetDateTimeOffset();
        Assert.InRange(prolonged - scarceBefore.GetProperty("expires_at").GetDateTimeOffset(), TimeSpan.FromMinutes(65), TimeSpan.FromMinutes(66));
        Assert.Equal(scarceBefore.Text("last_used"), (await KeyAsync(scarce)).Text("last_used"));
        Assert.Equal(ampleBefore.ToString(), (await KeyAsync(ample)).ToString());
    }

    [Fact]
    public async Task Prolongs_nothing_where_the_operator_says_so()
    {
        await using var other = await api.StartAnotherAsync(new() { ["Modular:Sessions:DisableExpiryRefresh"] = "true" }, sameDatabase: true);
        var user = await api.RegisterAndLogInAsync();
        await SetUseAsync(user, lastUsed: "2 hours", expires: "1 hour");
        var before = await KeyAsync(user);

        await other.Client(user.Session).ReadAsync("/api/v2/users/me");

        await People.EventuallyAsync(async () => (await KeyAsync(user)).Text("last_used") != before.Text("last_used"));
        Assert.Equal(before.Text("expires_at"), (await KeyAsync(user)).Text("expires_at"));
    }

    [Fact]
    public async Task A_new_address_is_written_with_the_next_use_that_is()
    {
        var recent = await api.RegisterAndLogInAsync();
        await SetUseAsync(recent, lastUsed: "1 minute", expires: "24 hours");
        var due = await api.RegisterAndLogInAsync();
        await SetUseAsync(due, lastUsed: "2 hours", expires: "24 hours");
        await api.ExecuteAsync("update api_keys.keys set ip_address = '192.0.2.7' where user_id = any ($1)", new[] { recent.Id, due.Id });

        await api.As(recent).ReadAsync("/api/v2/users/me");
        await api.As(due).ReadAsync("/api/v2/users/me");

        await People.EventuallyAsync(async () => await AddressAsync(due) == "127.0.0.1");
        Assert.Equal("192.0.2.7", await AddressAsync(recent));
    }

    private async Task<JsonElement> KeyAsync(ApiUser user) =>
        await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}/keys/{user.Session[..10]}");

    private Task SetUseAsync(ApiUser user, string lastUsed, string expires) => api.ExecuteAsync(
        $"""
        update api_keys.keys
        set last_used = date_trunc('second', now()) - interval '{lastUsed}', expires_at = date_trunc('second', now()) + interval '{expires}'
        where id = $1
        """,
        user.Session[..10]);

    private async Task<string> AddressAsync(ApiUser user)
    {
        await using var connection = await api.OpenDatabaseAsync();
        await using var command = new Npgsql.NpgsqlCommand("select host(ip_address) from api_keys.keys where id = $1", connection);
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = user.Session[..10] });
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
