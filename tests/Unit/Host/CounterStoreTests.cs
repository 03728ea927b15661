using System.Net;
using Microsoft.Extensions.Time.Testing;
using Modular.Host.Server.Limits;
using Modular.SharedKernel.Web;

namespace Modular.Tests.Unit.Host;

/// <summary>What a flood of strangers can do to the counters: users-and-auth.md 1.4, bounded in number and in size.</summary>
public sealed class CounterStoreTests
{
    private static readonly RateLimit login = new("Login", 2, TimeSpan.FromMinutes(1));
    private static readonly RateLimit other = new("Api", 2, TimeSpan.FromMinutes(1));

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RateCounters counters;

    public CounterStoreTests() => counters = new(clock);

    [Fact]
    public void A_full_store_grows_no_further_and_keeps_what_it_has()
    {
        Assert.Equal([true, true, false], Count("192.0.2.1", 3));
        Assert.Equal([true], Count("192.0.2.2", 1));
        Fill(login);

        Assert.Equal(CounterStore.MaxCounters, counters.Of(login).Size);
        Assert.Equal([false], Count("192.0.2.1", 1)); // Used up, and stays so.
        Assert.Equal([true, false], Count("192.0.2.2", 2)); // Has what it had left.
    }

    [Fact]
    public void Newcomers_of_a_full_store_count_with_their_neighbours_alone()
    {
        Fill(login);

        Assert.Equal([true, true, false], Count("198.51.100.1", 3));
        Assert.Equal([false], Count("198.51.7.7", 1)); // of the same /16
        Assert.Equal([true], Count("203.0.113.1", 1));
        Assert.Equal([true, true, false], Count("2001:db8:1::1", 3));
        Assert.Equal([false], Count("2001:db8:2::1", 1)); // of the same /32
        Assert.Equal([true], Count("2001:db9::1", 1));
        Assert.Equal(CounterStore.MaxCounters, counters.Of(login).Size);
    }

    [Fact]
    public void A_flood_of_one_limit_is_no_matter_to_another()
    {
        Fill(other);

        Assert.Equal([true, true, false], Count("198.51.100.1", 3));
        Assert.Equal([true, true, false], Count("198.51.7.7", 3));
        Assert.Equal(2, counters.Of(login).Size);
    }

    [Fact]
    public void Room_is_made_when_counters_count_nothing_any_more()
    {
        Fill(login);
        clock.Advance(3 * login.Window);

        Assert.Equal([true, true, false], Count("198.51.100.1", 3));
        Assert.Equal([true, true, false], Count("198.51.7.7", 3));
        Assert.Equal(2, counters.Of(login).Size);
    }

    [Fact]
    public void Room_gives_no_limit_back_that_was_used_up_among_neighbours()
    {
        Fill(login);
        clock.Advance(TimeSpan.FromSeconds(110));
        Assert.Equal([true, true, false], Count("198.51.100.1", 3));
        Assert.Equal(CounterStore.MaxCounters, counters.Of(login).Size);

        clock.Advance(TimeSpan.FromSeconds(11)); // What fills the store counts no more.
        Assert.Equal([false], Count("198.51.100.1", 1));
        Assert.Equal([true, true, false], Count("203.0.113.1", 3));
        Assert.Equal(2, counters.Of(login).Size);

        clock.Advance(3 * login.Window);
        Assert.Equal([true, true, false], Count("198.51.100.1", 3));
    }

    [Fact]
    public async Task Two_hundred_at_once_of_a_newcomer_count_as_two_hundred()
    {
        for (var round = 0; round < 50; round++)
        {
            clock.Advance(3 * login.Window); // Each time the counter has just been given up.
            using var start = new Barrier(8);
            var admitted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return Count("198.51.100.1", 25).Count(acquired => acquired);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            Assert.Equal(2, admitted.Sum());
            Assert.Equal(1, counters.Of(login).Size);
        }
    }

    private List<bool> Count(string address, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => counters.Count(RateSubject.Client(IPAddress.Parse(address)), "/", login, 2).IsAcquired)];

    /// <summary>By one network, more often than there is room.</summary>
    private void Fill(RateLimit limit)
    {
        for (var i = 0; i < CounterStore.MaxCounters + 1_000; i++)
        {
            counters.Count(RateSubject.Client(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i])), "/", limit, 2);
        }
    }
}
