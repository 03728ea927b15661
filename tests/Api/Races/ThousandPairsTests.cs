using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Modular.Testing;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Npgsql;

namespace Modular.Tests.Api.Races;

/// <summary>A thousand pairs, or a hundred (<see cref="Thorough"/>), of requests that contradict each other, each pair at once: one wins, and what must hold holds after each.</summary>
[Collection(SharedApi.Name)]
public sealed class ThousandPairsTests(ModularApi api)
{
    private static readonly int pairs = Thorough.Times(1_000, byDefault: 100);

    /// <summary>Pairs that run beside each other, so that the machine is never idle and its schedule never the same.</summary>
    private const int Lanes = 8;

    [Fact]
    public Task Of_two_users_with_one_username_one_is_made() => ForEachPairAsync(async _ =>
    {
        var name = People.NewName("s");
        var statuses = await BothAsync(() => CreateAsync(name), () => CreateAsync(name.ToUpperInvariant()));
        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], statuses.Order());

        Task<HttpResponseMessage> CreateAsync(string username) => api.PostUserAsync(api.ServiceAccount(username));
    });

    [Fact]
    public Task Of_two_users_with_one_address_one_is_made() => ForEachPairAsync(async _ =>
    {
        // Rows of a file, since a password hash for each of two thousand users would say no more.
        var address = $"{People.NewName()}@example.com";
        var results = await Task.WhenAll(ImportAsync(address), ImportAsync(address.ToUpperInvariant()));
        Assert.Single(results, result => result == "created");
        Assert.Single(results, result => result is "skipped" or "failed");

        async Task<string> ImportAsync(string email)
        {
            using var file = new StringContent(JsonSerializer.Serialize(new { email, username = People.NewName() }), Encoding.UTF8, "application/x-ndjson");
            using var answer = await api.As(api.Owner).PostAsync("/api/v2/users/import", file);
            answer.EnsureSuccessStatusCode();
            return JsonDocument.Parse((await answer.Content.ReadAsStringAsync()).Split('\n')[0]).RootElement.Text("result");
        }
    });

    [Fact]
    public async Task Of_two_last_owners_who_demote_each_other_one_stays()
    {
        await using var server = await api.StartAnotherAsync();
        var (first, organization) = await ModularApi.SetUpAsync(server.Client());
        using var asFirst = server.Client(first.Session);
        using var made = await asFirst.PostAsJsonAsync(
            "/api/v2/users",
            new { username = "second", email = "second@example.com", password = ModularApi.Password, organization_ids = new[] { organization }, roles = new[] { "owner" } });
        var second = (await made.ShouldBeAsync(HttpStatusCode.Created)).Id();
        using var login = await server.Client().LogInAsync("second@example.com");
        using var asSecond = server.Client((await login.ShouldBeAsync(HttpStatusCode.Created)).Text("session_token"));
        await using var database = new NpgsqlConnection(server.ConnectionString);
        await database.OpenAsync();
        await using var owners = new NpgsqlCommand("select count(*) from users.users where 'owner' = any (rbac_roles) and status = 'active' and not deleted", database);

        var wins = new int[2];
        var start = new HeadStart(TimeSpan.FromMilliseconds(0.2));
        for (var i = 0; i < pairs; i++)
        {
            var statuses = await BothAsync(() => SetAsync(asFirst, second, []), () => SetAsync(asSecond, first.Id, []), start.OfOther);
            var winner = Array.IndexOf(statuses, HttpStatusCode.OK);
            Assert.Single(statuses, status => status == HttpStatusCode.OK);
            Assert.Single(statuses, status => status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound);
            Assert.Equal(1L, await owners.ExecuteScalarAsync());

            wins[winner]++;
            start.Next(oneWon: winner == 0);
            using var again = winner == 0 ? await SetAsync(asFirst, second, ["owner"]) : await SetAsync(asSecond, first.Id, ["owner"]);
            await again.ShouldBeAsync(HttpStatusCode.OK);
        }

        Assert.All(wins, won => Assert.NotEqual(0, won)); // Or they never met.

        static Task<HttpResponseMessage> SetAsync(HttpClient by, Guid user, string[] roles) =>
            by.PutAsJsonAsync($"/api/v2/users/{user}/roles", new { roles });
    }

    [Fact]
    public async Task A_login_beside_a_suspension_gives_no_session_that_works()
    {
        var outcomes = new int[2];
        await ForEachPairAsync(async _ =>
        {
            var user = await api.CreateAsync();
            var path = $"/api/v2/users/{user.Id()}/status";
            var headStart = new HeadStart(TimeSpan.FromMilliseconds(5)); // A login hashes, so it is the longer one.
            for (var i = 0; i < pairs / Lanes; i++)
            {
                var answers = await AnswersAsync(
                    () => api.Anonymous.LogInAsync(user.Text("email")),
                    () => api.As(api.Owner).PutAsync($"{path}/suspend", null),
                    headStart.OfOther);
                headStart.Next(oneWon: answers[0].StatusCode == HttpStatusCode.Created);
                await answers[1].ShouldBeAsync(HttpStatusCode.OK);
                if (answers[0].StatusCode == HttpStatusCode.Created)
                {
                    Interlocked.Increment(ref outcomes[0]);
                    using var refused = await api.WithKey((await answers[0].ShouldBeAsync(HttpStatusCode.Created)).Text("session_token")).GetAsync("/api/v2/users/me");
                    await refused.ShouldBeAsync(HttpStatusCode.Unauthorized);
                }
                else
                {
                    Interlocked.Increment(ref outcomes[1]);
                    await answers[0].ShouldBeAsync(HttpStatusCode.Unauthorized);
                }

                using var active = await api.As(api.Owner).PutAsync($"{path}/activate", null);
                await active.ShouldBeAsync(HttpStatusCode.OK);
            }
        }, times: Lanes);
        Assert.Equal(pairs / Lanes * Lanes, outcomes.Sum());
        Assert.All(outcomes, seen => Assert.NotEqual(0, seen)); // Or they never met.
    }

    [Fact]
    public async Task A_write_beside_the_loss_of_the_role_it_needs_is_done_before_it_or_not_at_all()
    {
        var outcomes = new int[2];
        await ForEachPairAsync(async _ =>
        {
            var (admin, target) = (await api.RegisterUserAsync("user-admin"), await api.CreateAsync());
            await using var database = await api.OpenDatabaseAsync();
            var start = new HeadStart(TimeSpan.FromMilliseconds(0.5));
            for (var i = 0; i < pairs / Lanes; i++)
            {
                var name = $"Name {i}";
                var statuses = await BothAsync(
                    () => api.As(admin).PutAsJsonAsync($"/api/v2/users/{target.Id()}/profile", new { username = target.Text("username"), name }),
                    () => SetRolesAsync(admin.Id, []),
                    start.OfOther);
                Assert.Equal(HttpStatusCode.OK, statuses[1]);
                var done = statuses[0] == HttpStatusCode.OK;
                start.Next(oneWon: done);
                Interlocked.Increment(ref outcomes[done ? 0 : 1]);
                Assert.True(done || statuses[0] is HttpStatusCode.Forbidden or HttpStatusCode.NotFound, statuses[0].ToString());

                // The log has the two in the order in which they happened.
                await using var order = new NpgsqlCommand(
                    """
                    select coalesce((select max(time) from audit.entries where resource_id = $1 and user_id = $2 and status_code = 200), '-infinity')
                         < (select max(time) from audit.entries where resource_id = $2 and action = 'write' and status_code = 200)
                    """,
                    database)
                {
                    Parameters = { new() { Value = target.Id() }, new() { Value = admin.Id } },
                };
                Assert.True(await order.ExecuteScalarAsync() is true);
                using var refused = await api.As(admin).GetAsync($"/api/v2/users/{target.Id()}");
                await refused.ShouldBeAsync(HttpStatusCode.NotFound);
                using var given = await SetRolesAsync(admin.Id, ["user-admin"]);
                await given.ShouldBeAsync(HttpStatusCode.OK);
            }
        }, times: Lanes);
        Assert.All(outcomes, seen => Assert.NotEqual(0, seen)); // Or they never met.

        Task<HttpResponseMessage> SetRolesAsync(Guid user, string[] roles) => api.As(api.Owner).PutAsJsonAsync($"/api/v2/users/{user}/roles", new { roles });
    }

    private static Task ForEachPairAsync(Func<int, Task> pair, int? times = null) => Parallel.ForEachAsync(
        Enumerable.Range(0, times ?? pairs), new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (i, _) => await pair(i));

    private static async Task<HttpStatusCode[]> BothAsync(Func<Task<HttpResponseMessage>> one, Func<Task<HttpResponseMessage>> other, TimeSpan headStartOfOther = default) =>
    [
        .. (await AnswersAsync(one, other, headStartOfOther)).Select(answer =>
        {
            using (answer)
            {
                return answer.StatusCode;
            }
        }),
    ];

    private static async Task<HttpResponseMessage[]> AnswersAsync(
        Func<Task<HttpResponseMessage>> one, Func<Task<HttpResponseMessage>> other, TimeSpan headStartOfOther)
    {
        using var start = new Barrier(participantCount: 2);
        return await Task.WhenAll(AtAsync(start, one, headStartOfOther), AtAsync(start, other, -headStartOfOther));
    }

    /// <summary>On a thread of its own: a barrier blocks.</summary>
    private static async Task<HttpResponseMessage> AtAsync(Barrier start, Func<Task<HttpResponseMessage>> send, TimeSpan behind)
    {
        await Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                var since = Stopwatch.StartNew();
                SpinWait.SpinUntil(() => since.Elapsed >= behind);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        return await send();
    }

    /// <summary>
    /// How much sooner than one the other of a pair is sent (negative: later). Whoever wins gives the loser a step, twice the last one where
    /// it wins again, so that the pairs soon gather where the outcome turns, which is where the two meet, however long each takes on this
    /// machine.
    /// </summary>
    private sealed class HeadStart(TimeSpan step)
    {
        private bool? oneWonBefore;
        private TimeSpan next;

        public TimeSpan OfOther { get; private set; }

        public void Next(bool oneWon)
        {
            next = oneWon == oneWonBefore ? next * 2 : step;
            oneWonBefore = oneWon;
            OfOther += oneWon ? next : -next;
        }
    }
}
