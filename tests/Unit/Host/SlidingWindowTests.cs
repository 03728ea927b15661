using Microsoft.Extensions.Time.Testing;
using Modular.Host.RateLimits;
using Modular.SharedKernel.Web;

namespace Modular.Unit.Host;

/// <summary>The formula of users-and-auth.md 1.4: last window's count times the part of it that still counts, plus this window's.</summary>
public sealed class SlidingWindowTests
{
    private static readonly TimeSpan minute = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(0, 0)] // 10 × 1 + 0: nothing free
    [InlineData(6, 1)] // 10 × 0.9 = 9
    [InlineData(30, 5)] // 10 × 0.5 = 5
    [InlineData(33, 5)] // 10 × 0.45 = 4.5, rounded to 5
    [InlineData(54, 9)] // 10 × 0.1 = 1
    [InlineData(60, 10)] // the window after the next one knows nothing of it
    public void What_is_free_grows_with_the_next_window(int secondsIntoNext, int free)
    {
        using var window = new SlidingWindow(10, minute, clock, () => { });
        Assert.Equal(10, Admitted(window, 15));

        clock.Advance(minute + TimeSpan.FromSeconds(secondsIntoNext));
        Assert.Equal(free, Admitted(window, 15));
    }

    [Fact]
    public void A_request_given_back_was_none()
    {
        using var window = new SlidingWindow(1, minute, clock, () => { });
        var lease = Acquire(window);
        Assert.True(lease.IsAcquired);
        lease.GiveBack();
        Assert.True(Acquire(window).IsAcquired);
        Assert.False(Acquire(window).IsAcquired);
    }

    [Fact]
    public void Is_idle_when_nothing_of_it_counts_any_more()
    {
        using var window = new SlidingWindow(1, minute, clock, () => { });
        Acquire(window);
        clock.Advance(2 * minute);
        Assert.Null(window.IdleDuration);
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), window.IdleDuration);
    }

    [Fact]
    public void A_flood_of_keys_shares_counters_beyond_a_bound()
    {
        using var counters = new RateCounters(clock);
        var limit = new RateLimit("Test", 1, minute);
        var refused = Enumerable.Range(0, 110_000)
            .Count(i => !counters.Count(new RateKey("Test", $"address {i}", "/"), limit, 1).IsAcquired);
        Assert.InRange(refused, 8_900, 9_100); // of the 10,000 beyond the bound, one in each of 1,024 shared counters passes
    }

    private static int Admitted(SlidingWindow window, int attempts) => Enumerable.Range(0, attempts).Count(_ => Acquire(window).IsAcquired);

    private static SlidingWindow.Lease Acquire(SlidingWindow window) => (SlidingWindow.Lease)window.AttemptAcquire();
}
