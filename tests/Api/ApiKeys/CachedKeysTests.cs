using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Npgsql;
using Xunit.Abstractions;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>
/// What a request with a key costs, and how soon a key that has ended is refused everywhere: keys-audit-preferences.md 2.8. Statements
/// are counted by the database.
/// </summary>
[Collection(SecondApi.Name)]
public sealed class CachedKeysTests(ModularApi api, ITestOutputHelper output)
{
    /// <summary>A route that needs a key and nothing of the database itself.</summary>
    private const string Route = "/api/v2/experiments";

    [Fact]
    public async Task A_key_costs_one_statement_when_it_is_new_and_none_afterwards()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var user = server.Client(owner.Session);
        using var made = await user.AskForTokenAsync(new { });
        using var client = server.Client((await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key"));

        // The first use is written down, behind its answer; from then on there is nothing to write for an hour.
        await client.ReadAsync(Route);
        await People.EventuallyAsync(async () => (await user.ReadAsync("/api/v2/users/me/keys/tokens"))[0].Text("last_used") != "0001-01-01T00:00:00Z");
        await using var database = new NpgsqlConnection(server.ConnectionString);
        await database.OpenAsync();

        Assert.Equal(1, await StatementsAsync(() => client.ReadAsync(Route)));
        Assert.Equal(0, await StatementsAsync(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await client.ReadAsync(Route);
            }
        }));

        async Task<int> StatementsAsync(Func<Task> work)
        {
            var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
            using var listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    var text = activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement");
                    var name = activity.GetTagItem("db.namespace") ?? activity.GetTagItem("db.name");
                    if (text is string sql && name as string == database.Database && sql.Contains("api_keys", StringComparison.Ordinal))
                    {
                        seen.Enqueue(sql);
                    }
                },
            };
            ActivitySource.AddActivityListener(listener);
            await work();
            return seen.Count;
        }
    }

    private static readonly string[] endings = ["key", "session", "expire", "password", "suspend", "delete", "roles"];

    public static TheoryData<string> Endings => [.. endings];

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task What_ends_a_key_is_in_force_before_its_answer(string ending)
    {
        var user = await api.RegisterUserAsync("auditor");
        using var client = api.As(user);
        await WarmAsync(client);

        // What the server does not hear from itself it must know; for the moment it still trusts its memory.
        await using var mute = await Listeners.OfAsync(api.ConnectionString);
        await mute.CutAsync(silently: true);
        await client.ReadAsync("/api/v2/deployment/config");
        await EndAsync(user, ending);
        using var refused = await client.GetAsync("/api/v2/deployment/config");
        await refused.ShouldRefuseAsync(ending == "roles" ? HttpStatusCode.Forbidden : HttpStatusCode.Unauthorized);
    }

    /// <summary>Three servers on one database; how soon is for docs/benchmarks.md.</summary>
    [Fact]
    public async Task On_other_servers_it_is_in_force()
    {
        await using var second = await api.StartAnotherAsync(sameDatabase: true);
        await using var third = await api.StartAnotherAsync(sameDatabase: true);
        var delays = new List<TimeSpan>();
        foreach (var round in Enumerable.Range(0, 100))
        {
            var user = await api.RegisterUserAsync("auditor");
            HttpClient[] clients = [second.Client(user.Session), third.Client(user.Session)];
            await Task.WhenAll(clients.Select(WarmAsync));
            var ending = endings[round % endings.Length];
            await EndAsync(user, ending);
            var since = Stopwatch.StartNew();
            delays.AddRange(await Task.WhenAll(clients.Select(async client =>
            {
                while (true)
                {
                    using var answer = await client.GetAsync("/api/v2/deployment/config");
                    if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                    {
                        return since.Elapsed;
                    }

                    Assert.True(since.Elapsed < TimeSpan.FromMinutes(1), $"{ending} is not in force after a minute.");
                }
            })));
        }

        delays.Sort();
        output.WriteLine($"p50 {delays[delays.Count / 2].TotalMilliseconds:0.0} ms, p99 {delays[delays.Count * 99 / 100].TotalMilliseconds:0.0} ms, max {delays[^1].TotalMilliseconds:0.0} ms");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_cannot_hear_the_others_trusts_its_memory_no_longer(bool silently)
    {
        await using var other = await api.StartAnotherAsync(sameDatabase: true);
        var user = await api.RegisterUserAsync();
        using var client = other.Client(user.Session);
        await WarmAsync(client);
        await using var mute = await Listeners.OfAsync(other.ConnectionString);
        await mute.CutAsync(silently);

        using var ended = await api.As(user).DeleteAsync($"/api/v2/users/me/keys/{Tokens.IdOf(user.Session)}");
        await ended.ShouldBeAsync(HttpStatusCode.NoContent);
        var since = Stopwatch.StartNew();
        while (true)
        {
            using var answer = await client.GetAsync(Route);
            if (answer.StatusCode == HttpStatusCode.Unauthorized)
            {
                break;
            }

            Assert.True(since.Elapsed < TimeSpan.FromMinutes(1), "A key that ended is still good after a minute.");
        }

        output.WriteLine($"{(silently ? "silently" : "openly")} cut: {since.ElapsedMilliseconds} ms");
    }

    private static async Task WarmAsync(HttpClient client)
    {
        // The first use is written down and drops what was kept; the second reads it, the third is served from memory.
        for (var i = 0; i < 3; i++)
        {
            await client.ReadAsync(Route);
        }
    }

    private async Task EndAsync(ApiUser user, string ending)
    {
        var owner = api.As(api.Owner);
        using var answer = await (ending switch
        {
            "key" => owner.DeleteAsync($"/api/v2/users/{user.Id}/keys/{Tokens.IdOf(user.Session)}"),
            "session" => owner.DeleteAsync($"/api/v2/users/{user.Id}/sessions"),
            "expire" => owner.PutAsync($"/api/v2/users/{user.Id}/keys/{Tokens.IdOf(user.Session)}/expire", null),
            "password" => owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/password", new { password = "AnotherPassword!42" }),
            "suspend" => owner.PutAsync($"/api/v2/users/{user.Id}/status/suspend", null),
            "delete" => owner.DeleteAsync($"/api/v2/users/{user.Id}"),
            "roles" => owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/roles", new { roles = Array.Empty<string>() }),
            _ => throw new ArgumentOutOfRangeException(nameof(ending)),
        });
        Assert.True(answer.IsSuccessStatusCode, $"{ending}: {answer.StatusCode}");
    }
}
