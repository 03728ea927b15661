using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Modular.Host.Experiments;
using Modular.Testing;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Xunit.Abstractions;

namespace Modular.Tests.Api.Experiments;

/// <summary>How soon a switch is in force, on how many servers, and what requests see meanwhile.</summary>
[Collection(SecondApi.Name)]
public sealed class FlippingAnExperimentTests(ModularApi api, ITestOutputHelper output)
{
    private const string Feature = "/api/v2/features/user-skills";
    private const string Route = "/api/experimental/users/me/skills";

    private static readonly int flips = Thorough.Times(1_000, byDefault: 100);

    /// <summary>Three servers on one database; how soon is for docs/benchmarks.md.</summary>
    [Fact]
    public async Task A_thousand_flips_under_load_are_seen_at_once_and_whole()
    {
        await using var first = await api.StartAnotherAsync();
        await using var second = await api.StartAnotherAsync(beside: first);
        await using var third = await api.StartAnotherAsync(beside: first);
        var (owner, _) = await ModularApi.SetUpAsync(first.Client());
        using var operatorClient = first.Client(owner.Session);
        HttpClient[] here = [first.Client(owner.Session), first.Client()];
        HttpClient[] elsewhere = [second.Client(), third.Client()];
        var unknown = await (await first.Client(owner.Session).GetAsync("/api/experimental/no/such/path")).Content.ReadAsStringAsync();

        HttpClient[] load = [.. new[] { first, second, third }.SelectMany(server => Enumerable.Range(0, 4).Select(_ => server.Client(owner.Session)))];
        var seen = new ConcurrentDictionary<HttpStatusCode, int>();
        var delays = new List<TimeSpan>();
        for (var flip = 0; flip < flips; flip++)
        {
            var on = flip % 2 == 0;
            var meanwhile = Task.WhenAll(load.Select(AskAsync));
            using var switched = await operatorClient.PutAsJsonAsync(Feature, new { enabled = on });
            await switched.ShouldBeAsync(HttpStatusCode.OK);
            var since = Stopwatch.StartNew();
            Assert.Equal(on ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await here[0].GetAsync(Route)).StatusCode);
            Assert.Equal(on ? HttpStatusCode.Unauthorized : HttpStatusCode.NotFound, (await here[1].GetAsync(Route)).StatusCode);
            delays.AddRange(await Task.WhenAll(elsewhere.Select(client => UntilAsync(client, on, since))));
            await meanwhile;
        }

        Assert.All(new[] { HttpStatusCode.OK, HttpStatusCode.NotFound }, status => Assert.True(seen[status] > 0, $"{status} was never seen"));
        delays.Sort();
        output.WriteLine($"{seen.Values.Sum()} requests; p50 {delays[delays.Count / 2].TotalMilliseconds:0.0} ms, p99 {delays[delays.Count * 99 / 100].TotalMilliseconds:0.0} ms, max {delays[^1].TotalMilliseconds:0.0} ms");

        async Task AskAsync(HttpClient client)
        {
            for (var i = 0; i < 3; i++)
            {
                using var answer = await client.GetAsync(Route);
                seen.AddOrUpdate(answer.StatusCode, 1, (_, count) => count + 1);
                var body = await answer.Content.ReadAsStringAsync();
                Assert.True(
                    answer.StatusCode == HttpStatusCode.OK ? body.Trim() == "[]" : answer.StatusCode == HttpStatusCode.NotFound && body == unknown,
                    $"{answer.StatusCode}: {body}");
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_cannot_hear_the_others_learns_of_a_switch(bool silently)
    {
        await using var first = await api.StartAnotherAsync();
        await using var second = await api.StartAnotherAsync(beside: first);
        var (owner, _) = await ModularApi.SetUpAsync(first.Client());
        using var client = second.Client();
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(Route)).StatusCode);
        await using var listeners = await Listeners.OfAsync(first.ConnectionString);
        await listeners.CutAsync(silently);

        await (await first.Client(owner.Session).PutAsJsonAsync(Feature, new { enabled = true })).ShouldBeAsync(HttpStatusCode.OK);
        var since = Stopwatch.StartNew();
        var took = await UntilAsync(client, on: true, since);
        output.WriteLine($"{(silently ? "silently" : "openly")} cut: {took.TotalMilliseconds:0} ms");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_the_database_is_away_the_last_known_state_holds(bool on)
    {
        await using var postgres = await OwnPostgres.StartAsync();

        // What is configured is the other state: a server that had lost its memory would fall back to it.
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = on ? "" : "user-skills" }, on: postgres);
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        await (await server.Client(owner.Session).PutAsJsonAsync(Feature, new { enabled = on })).ShouldBeAsync(HttpStatusCode.OK);

        await postgres.StopAsync();

        using var client = server.Client();
        var until = Stopwatch.StartNew();
        while (until.Elapsed < TimeSpan.FromSeconds(3))
        {
            // Long enough for the listener to have noticed and tried again.
            Assert.Equal(on ? HttpStatusCode.Unauthorized : HttpStatusCode.NotFound, (await client.GetAsync(Route)).StatusCode);
        }
    }

    [Fact]
    public async Task Of_switches_at_once_the_last_committed_one_stays_and_each_is_in_the_log()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => client.PutAsJsonAsync(Feature, new { enabled = i % 2 == 0, reason = $"{i}" })));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        var newest = answers.MaxBy(answer => long.Parse(answer.Headers.ETag!.Tag.Trim('"'), System.Globalization.CultureInfo.InvariantCulture))!;
        var last = await newest.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(last.ToString(), (await client.ReadAsync(Feature)).ToString());
        Assert.Equal(40, (await client.ReadAsync("/api/v2/audit?q=resource_type:feature")).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Its_gauge_tells_which_are_on()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        var meters = server.Services.GetRequiredService<IMeterFactory>();
        Assert.Equal(0, Read());
        await (await server.Client(owner.Session).PutAsJsonAsync(Feature, new { enabled = true })).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(1, Read());

        int? Read()
        {
            int? value = null;
            using var listener = new MeterListener();
            listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "modular_experiment_enabled" && instrument.Meter == meters.Create(FeatureStore.MeterName))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<int>((_, measured, tags, _) =>
            {
                foreach (var (name, of) in tags)
                {
                    value = name == "name" && of is "user-skills" ? measured : value;
                }
            });
            listener.Start();
            listener.RecordObservableInstruments();
            return value;
        }
    }

    private static async Task<TimeSpan> UntilAsync(HttpClient client, bool on, Stopwatch since)
    {
        while (true)
        {
            using var answer = await client.GetAsync(Route);
            if (answer.StatusCode == (on ? HttpStatusCode.Unauthorized : HttpStatusCode.NotFound))
            {
                return since.Elapsed;
            }

            Assert.True(since.Elapsed < TimeSpan.FromMinutes(1), "The switch is not in force after a minute.");
        }
    }
}
