using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace Modular.Host.RateLimits;

/// <summary>
/// Counts requests in windows that begin at whole multiples of their length. The rate is this window's count and the part of the
/// last one's that still lies within one length from now; a request that would exceed the limit is refused and not counted.
/// </summary>
internal sealed class SlidingWindow(int limit, TimeSpan length, TimeProvider clock, Action onDispose) : RateLimiter
{
    private readonly Lock gate = new();
    private long window;
    private int previous;
    private int current;

    /// <summary>Two windows after the last request nothing of it counts any more, and the counter can go.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (gate)
            {
                var idle = clock.GetUtcNow().Ticks - ((window + 2) * length.Ticks);
                return idle > 0 ? TimeSpan.FromTicks(idle) : null;
            }
        }
    }

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow().Ticks;
            var entered = now / length.Ticks;
            if (entered != window)
            {
                (previous, current, window) = (entered == window + 1 ? current : 0, 0, entered);
            }

            var end = new DateTimeOffset((entered + 1) * length.Ticks, TimeSpan.Zero);
            var left = (end.Ticks - now) / (double)length.Ticks;
            var rate = (int)Math.Round((previous * left) + current, MidpointRounding.AwayFromZero);
            var admitted = rate + permitCount <= limit;
            if (admitted)
            {
                current += permitCount;
                rate += permitCount;
            }

            return new Lease(this, admitted, limit, Math.Max(0, limit - rate), length, end, window, permitCount);
        }
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttemptAcquireCore(permitCount));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            onDispose();
        }

        base.Dispose(disposing);
    }

    private void GiveBack(long counted, int permits)
    {
        lock (gate)
        {
            if (counted == window)
            {
                current -= permits;
            }
        }
    }

    /// <summary>What a request was told, and what its answer tells the client.</summary>
    internal sealed class Lease(
        SlidingWindow limiter, bool admitted, int limit, int remaining, TimeSpan length, DateTimeOffset end, long window, int permits) : RateLimitLease
    {
        public override bool IsAcquired => admitted;

        public override IEnumerable<string> MetadataNames => [];

        internal int Limit => limit;

        internal int Remaining => remaining;

        internal TimeSpan Length => length;

        /// <summary>When the window ends.</summary>
        internal DateTimeOffset Reset => end;

        /// <summary>Another limit refused the request, and refused requests do not count.</summary>
        internal void GiveBack()
        {
            if (admitted)
            {
                limiter.GiveBack(window, permits);
            }
        }

        public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
