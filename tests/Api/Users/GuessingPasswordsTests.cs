using System.Net;
using System.Net.Http.Json;
using Modular.Api.Support;

namespace Modular.Api.Users;

/// <summary>Wrong passwords of one account, over all addresses and routes: users-and-auth.md 17.1, last point.</summary>
[Collection(SecondApi.Name)]
public sealed class GuessingPasswordsTests(ModularApi api) : IAsyncLifetime
{
    private const string Wrong = "NotThePassword!23";

    private ModularApi.OtherServer server = null!;

    public async Task InitializeAsync() =>
        server = await api.StartAnotherAsync(new() { ["Modular:Proxy:TrustedOrigins"] = "127.0.0.1" }, sameDatabase: true);

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Ten_are_free_then_the_account_waits_wherever_they_come_from()
    {
        var email = await SomebodyAsync();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(401, await TryAsync(email, $"198.51.{i}.1"));
        }

        using var refused = await From("198.51.200.1").LogInAsync(email, Wrong);
        var body = await refused.ShouldBeAsync(HttpStatusCode.TooManyRequests);
        Assert.Equal("message", Assert.Single(body.EnumerateObject()).Name);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Equal(429, await TryAsync(email, "198.51.201.1", ModularApi.Password));
    }

    [Fact]
    public async Task An_address_that_nobody_has_waits_just_so()
    {
        var email = $"{People.NewName()}@example.com";
        Assert.Equal(Enumerable.Repeat(401, 10).Append(429), await RepeatAsync(11, () => TryAsync(email, "198.51.100.1")));
    }

    [Fact]
    public async Task Two_hundred_at_once_count_as_two_hundred()
    {
        var email = await SomebodyAsync();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => TryAsync(email, $"198.51.{i}.1")));
        Assert.Equal(10, statuses.Count(status => status == 401));
        Assert.Equal(190, statuses.Count(status => status == 429));
    }

    [Fact]
    public async Task The_delay_doubles_up_to_a_quarter_of_an_hour()
    {
        var email = await SomebodyAsync();
        await RepeatAsync(10, () => TryAsync(email, "198.51.100.1"));
        foreach (var seconds in (int[])[30, 60, 120, 240, 480, 900, 900])
        {
            using var refused = await From("198.51.100.1").LogInAsync(email, Wrong);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, seconds - 5, seconds);
            await WaitIsOverAsync();
            Assert.Equal(401, await TryAsync(email, "198.51.100.1"));
        }
    }

    [Fact]
    public async Task The_right_password_clears_the_count()
    {
        var email = await SomebodyAsync();
        Assert.All(await RepeatAsync(9, () => TryAsync(email, "198.51.100.1")), status => Assert.Equal(401, status));
        Assert.Equal(201, await TryAsync(email, "198.51.100.1", ModularApi.Password));
        Assert.All(await RepeatAsync(10, () => TryAsync(email, "203.0.113.1")), status => Assert.Equal(401, status));
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.200", "203.0.114.9")]
    [InlineData("2001:db8:1:2::9", "2001:db8:1:2:ffff::1", "2001:db8:1:3::9")]
    public async Task A_network_that_has_logged_in_never_waits(string known, string neighbour, string stranger)
    {
        var email = await SomebodyAsync();
        Assert.Equal(201, await TryAsync(email, known, ModularApi.Password));
        await RepeatAsync(11, () => TryAsync(email, "198.51.100.1"));

        Assert.Equal(429, await TryAsync(email, stranger, ModularApi.Password));
        Assert.Equal(401, await TryAsync(email, neighbour));
        Assert.Equal(201, await TryAsync(email, neighbour, ModularApi.Password));
    }

    [Fact]
    public async Task A_network_is_known_for_thirty_days()
    {
        var email = await SomebodyAsync();
        Assert.Equal(201, await TryAsync(email, "203.0.113.9", ModularApi.Password));
        await api.ExecuteAsync(
            "update users.known_networks set last_login_at = now() - interval '30 days 1 minute' where account = users.hashed_address($1)", email);

        await RepeatAsync(10, () => TryAsync(email, "198.51.100.1"));
        Assert.Equal(429, await TryAsync(email, "203.0.113.9", ModularApi.Password));
    }

    [Fact]
    public async Task Twenty_networks_are_known_and_the_oldest_goes()
    {
        var email = await SomebodyAsync();
        for (var i = 0; i < 21; i++)
        {
            Assert.Equal(201, await TryAsync(email, $"203.0.{i}.1", ModularApi.Password));
        }

        await RepeatAsync(10, () => TryAsync(email, "198.51.100.1"));
        Assert.Equal(429, await TryAsync(email, "203.0.0.1", ModularApi.Password));
        Assert.Equal(201, await TryAsync(email, "203.0.1.1", ModularApi.Password));
    }

    [Fact]
    public async Task Changing_ones_own_password_counts_with_logging_in_and_ends_no_session()
    {
        var user = await api.RegisterUserAsync();
        var email = $"{user.Username}@example.com";
        await RepeatAsync(9, () => TryAsync(email, "198.51.100.1"));

        Assert.Equal(400, await ChangeAsync(Wrong));
        Assert.Equal(429, await ChangeAsync(ModularApi.Password));
        await api.As(user).ReadAsync("/api/v2/users/me");
        Assert.Equal(429, await TryAsync(email, "198.51.100.1", ModularApi.Password));

        async Task<int> ChangeAsync(string old)
        {
            var client = From("198.51.100.1");
            client.DefaultRequestHeaders.Add("Coder-Session-Token", user.Session);
            using var answer = await client.PutAsJsonAsync("/api/v2/users/me/password", new { old_password = old, password = "AnotherPassword!42" });
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task Failures_are_forgotten_after_a_day()
    {
        var email = await SomebodyAsync();
        await RepeatAsync(9, () => TryAsync(email, "198.51.100.1"));
        await api.ExecuteAsync(
            "update users.password_failures set last_at = now() - interval '24 hours 1 minute' where account = users.hashed_address($1)", email);

        Assert.All(await RepeatAsync(10, () => TryAsync(email, "198.51.100.1")), status => Assert.Equal(401, status));
        Assert.Equal(429, await TryAsync(email, "198.51.100.1"));
    }

    [Fact]
    public async Task No_address_is_stored_as_it_was_typed()
    {
        var email = await SomebodyAsync();
        await TryAsync(email, "198.51.100.1");
        await using var database = await api.OpenDatabaseAsync();
        await using var search = new Npgsql.NpgsqlCommand(
            """
            select count(*) from users.password_failures f
            where position(convert_to(@email, 'UTF8') in account) > 0 or account = sha256(convert_to(@email, 'UTF8'))
            """,
            database);
        search.Parameters.AddWithValue("email", email);
        Assert.Equal(0L, await search.ExecuteScalarAsync());
    }

    /// <summary>A user who has never logged in, from anywhere.</summary>
    private async Task<string> SomebodyAsync() => (await api.CreateAsync()).Text("email");

    private HttpClient From(string address)
    {
        var client = server.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }

    private async Task<int> TryAsync(string email, string address, string password = Wrong)
    {
        using var answer = await From(address).LogInAsync(email, password);
        return (int)answer.StatusCode;
    }

    private static async Task<List<int>> RepeatAsync(int times, Func<Task<int>> attempt)
    {
        var statuses = new List<int>();
        for (var i = 0; i < times; i++)
        {
            statuses.Add(await attempt());
        }

        return statuses;
    }

    /// <summary>Turns the clock of every waiting account.</summary>
    private Task WaitIsOverAsync() => api.ExecuteAsync("update users.password_failures set waits_until = now()");
}
