using Microsoft.Extensions.Time.Testing;
using Modular.Host.Server.Limits;
using Modular.SharedKernel.Web;

namespace Modular.Tests.Unit.Host;

/// <summary>The formula of users-and-auth.md 1.4: last window's count times the part of it that still counts, plus this window's.</summary>
public sealed class SlidingWindowTests
{
    private static readonly RateLimit limit = new("Test", 10, TimeSpan.FromMinutes(1));
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SlidingWindow window = new();

    [Theory]
    [InlineData(0, 0)] // 10 × 1 + 0: nothing free
    [InlineData(6, 1)] // 10 × 0.9 = 9
    [InlineData(30, 5)] // 10 × 0.5 = 5
    [InlineData(33, 5)] // 10 × 0.45 = 4.5, rounded to 5
    [InlineData(54, 9)] // 10 × 0.1 = 1
    [InlineData(60, 10)] // the window after the next one knows nothing of it
    public void What_is_free_grows_with_the_next_window(int secondsIntoNext, int free)
    {
        Assert.Equal(10, Admitted(15));

        clock.Advance(limit.Window + TimeSpan.FromSeconds(secondsIntoNext));
        Assert.Equal(free, Admitted(15));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)] // the window has ended since it was counted
    public void A_request_given_back_was_none(int secondsLater)
    {
        Assert.Equal(9, Admitted(9));
        var lease = Count()!;
        Assert.True(lease.IsAcquired);
        clock.Advance(TimeSpan.FromSeconds(secondsLater));
        Assert.False(Count()!.IsAcquired);
        lease.GiveBack();
        Assert.True(Count()!.IsAcquired);
        Assert.False(Count()!.IsAcquired);
    }

    [Fact]
    public void Is_retired_when_nothing_of_it_counts_any_more_and_then_counts_nothing()
    {
        Count();
        clock.Advance(2 * limit.Window - TimeSpan.FromSeconds(1));
        Assert.False(window.TryRetire(limit.Window, clock.GetUtcNow()));
        Assert.NotNull(Count()); // Counts in the next window, and may be retired two windows after that one.
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(window.TryRetire(limit.Window, clock.GetUtcNow()));
        clock.Advance(limit.Window);
        Assert.True(window.TryRetire(limit.Window, clock.GetUtcNow()));
        Assert.Null(Count());
    }

    private int Admitted(int attempts) => Enumerable.Range(0, attempts).Count(_ => Count()!.IsAcquired);

    private SlidingWindow.Lease? Count() => window.Count(limit, limit.Requests, clock.GetUtcNow());
}
