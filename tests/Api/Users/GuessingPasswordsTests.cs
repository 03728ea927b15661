using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Wrong passwords of one account, over all addresses and routes: users-and-auth.md 17.1, last point.</summary>
[Collection(SecondApi.Name)]
public sealed class GuessingPasswordsTests(ModularApi api, ProxiedServers servers) : IClassFixture<ProxiedServers>
{
    private const string Wrong = "NotThePassword!23";

    private static int networks;

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
    public async Task Right_passwords_that_come_at_once_make_none_of_them_wait()
    {
        for (var round = 0; round < 5; round++)
        {
            var (network, email) = (NewNetwork(), await SomebodyAsync());
            var statuses = await Task.WhenAll(Enumerable.Range(1, 9).Select(i => TryAsync(email, $"{network}.{i}", ModularApi.Password)));
            Assert.All(statuses, status => Assert.Equal(201, status));
        }
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

    /// <summary>Somebody else's login makes a network known; one from it has its own count, and so has each such network.</summary>
    [Theory]
    [InlineData("203.0.113.9", "203.0.113.200", "203.0.114.9")]
    [InlineData("2001:db8:1:2::9", "2001:db8:1:2:ffff::1", "2001:db8:1:3::9")]
    public async Task Strangers_elsewhere_lock_nobody_out_of_a_network_that_anybody_has_logged_in_from(string known, string neighbour, string stranger)
    {
        var email = await SomebodyAsync();
        Assert.Equal(201, await TryAsync(await SomebodyAsync(), known, ModularApi.Password));
        await RepeatAsync(11, () => TryAsync(email, "198.51.100.1"));

        Assert.Equal(429, await TryAsync(email, stranger, ModularApi.Password));
        Assert.Equal(401, await TryAsync(email, neighbour));
        Assert.Equal(201, await TryAsync(email, neighbour, ModularApi.Password));

        // That success was not of the strangers, whose count goes on.
        Assert.Equal(429, await TryAsync(email, stranger, ModularApi.Password));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_network_guesses_without_end_whether_or_not_there_is_an_account(bool exists)
    {
        var network = NewNetwork();
        Assert.Equal(201, await TryAsync(await SomebodyAsync(), $"{network}.1", ModularApi.Password));
        var email = exists ? await SomebodyAsync() : $"{People.NewName()}@example.com";

        var statuses = await RepeatAsync(21, async () =>
        {
            using var answer = await From($"{network}.2", servers.Strict).LogInAsync(email, Wrong);
            return (int)answer.StatusCode;
        });
        Assert.Equal(Enumerable.Repeat(401, 20).Append(429), statuses);
        Assert.Equal(401, await TryAsync(email, "198.51.100.1")); // Strange networks have their own count.
    }

    [Fact]
    public async Task A_success_clears_the_count_of_its_network()
    {
        var (network, email) = (NewNetwork(), await SomebodyAsync());
        Assert.Equal(201, await TryAsync(email, $"{network}.1", ModularApi.Password));
        await TryAsync(email, $"{network}.1");
        Assert.Equal(1L, await FailuresAsync(email));

        Assert.Equal(201, await TryAsync(email, $"{network}.1", ModularApi.Password));
        Assert.Equal(0L, await FailuresAsync(email));
    }

    [Theory]
    [InlineData("29 days", 401)]
    [InlineData("30 days 1 minute", 429)]
    public async Task A_network_is_known_for_thirty_days(string ago, int status)
    {
        var (network, email) = (NewNetwork(), await SomebodyAsync());
        Assert.Equal(201, await TryAsync(await SomebodyAsync(), $"{network}.1", ModularApi.Password));
        await api.ExecuteAsync(
            "update users.known_networks set last_login_at = now() - $2::interval where network = $1", $"{network}.0/24", ago);

        await RepeatAsync(10, () => TryAsync(email, "198.51.100.1"));
        Assert.Equal(status, await TryAsync(email, $"{network}.1"));

        // Whoever logs in from it then makes it known again.
        Assert.Equal(201, await TryAsync(await SomebodyAsync(), $"{network}.1", ModularApi.Password));
        Assert.Equal(401, await TryAsync(email, $"{network}.1"));
    }

    [Fact]
    public async Task Networks_that_nobody_comes_from_any_more_do_not_pile_up()
    {
        await api.ExecuteAsync("insert into users.known_networks values ('old 1', now() - interval '31 days'), ('old 2', now() - interval '31 days')");
        Assert.Equal(201, await TryAsync(await SomebodyAsync(), $"{NewNetwork()}.1", ModularApi.Password));
        Assert.Equal(0L, await CountAsync("select count(*) from users.known_networks where network in ('old 1', 'old 2')"));
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
        Assert.Equal(0L, await CountAsync(
            """
            select count(*) from users.password_failures f
            where position(convert_to($1, 'UTF8') in account) > 0 or account = sha256(convert_to($1, 'UTF8'))
            """,
            email));
    }

    /// <summary>A user who has never logged in, from anywhere.</summary>
    private async Task<string> SomebodyAsync() => (await api.CreateAsync()).Text("email");

    /// <summary>The first three parts of an address from which nobody has logged in.</summary>
    private static string NewNetwork() => $"192.0.{Interlocked.Increment(ref networks)}";

    private Task<long> FailuresAsync(string email) => CountAsync(
        "select count(*) from users.password_failures where account = users.hashed_address($1)", email);

    private async Task<long> CountAsync(string sql, params object[] values)
    {
        await using var database = await api.OpenDatabaseAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, database);
        command.Parameters.AddRange(values.Select(value => new Npgsql.NpgsqlParameter { Value = value }).ToArray());
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private HttpClient From(string address, ModularApi.OtherServer? at = null)
    {
        var client = (at ?? servers.AsIs).Client();
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

/// <summary>Servers that take the proxy's word about addresses, for all tests of a class: as they come, and with two wrong passwords free.</summary>
public sealed class ProxiedServers(ModularApi api) : IAsyncLifetime
{
    internal ModularApi.OtherServer AsIs { get; private set; } = null!;

    internal ModularApi.OtherServer Strict { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        AsIs = await StartAsync("10");
        Strict = await StartAsync("2");
    }

    public async Task DisposeAsync()
    {
        await AsIs.DisposeAsync();
        await Strict.DisposeAsync();
    }

    private Task<ModularApi.OtherServer> StartAsync(string free) => api.StartAnotherAsync(
        new() { ["Modular:Proxy:TrustedOrigins"] = "127.0.0.1", ["Modular:RateLimits:AccountFailures"] = free }, sameDatabase: true);
}
