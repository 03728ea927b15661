using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Limits;

/// <summary>
/// Counts requests in windows that begin at whole multiples of their length. The rate is this window's count and the part of the
/// last one's that still lies within one length from now; a request that would exceed the limit is refused and not counted.
/// </summary>
internal sealed class SlidingWindow
{
    private readonly Lock gate = new();
    private long window;
    private int previous;
    private int current;
    private bool retired;

    /// <summary>A counter that goes on from what another one has counted.</summary>
    internal static SlidingWindow From(SlidingWindow other)
    {
        lock (other.gate)
        {
            return new SlidingWindow { window = other.window, previous = other.previous, current = other.current };
        }
    }

    /// <summary>Null once the counter has been retired: the request is then counted by the one that takes its place.</summary>
    internal Lease? Count(RateLimit limit, int requests, DateTimeOffset now)
    {
        lock (gate)
        {
            if (retired)
            {
                return null;
            }

            var length = limit.Window.Ticks;
            var entered = now.Ticks / length;
            if (entered != window)
            {
                (previous, current, window) = (entered == window + 1 ? current : 0, 0, entered);
            }

            var end = new DateTimeOffset((entered + 1) * length, TimeSpan.Zero);
            var left = (end - now).Ticks / (double)length;
            var rate = (int)Math.Round((previous * left) + current, MidpointRounding.AwayFromZero);
            var admitted = rate < requests;
            if (admitted)
            {
                current++;
                rate++;
            }

            return new Lease(this, limit, requests, admitted, Math.Max(0, requests - rate), end, window);
        }
    }

    /// <summary>Ends a counter of which nothing counts any more: two windows after the last request. False where something does.</summary>
    internal bool TryRetire(TimeSpan length, DateTimeOffset now)
    {
        lock (gate)
        {
            return retired = retired || now.Ticks / length.Ticks > window + 1;
        }
    }

    private void GiveBack(long counted)
    {
        lock (gate)
        {
            if (counted == window)
            {
                current--;
            }
            else if (counted == window - 1)
            {
                previous--;
            }
        }
    }

    /// <summary>What a request was told, and what its answer tells the client.</summary>
    /// <param name="counter">Where it was counted.</param>
    /// <param name="limit">What it was held to.</param>
    /// <param name="requests">How many the limit admits.</param>
    /// <param name="admitted">Whether the request was among them.</param>
    /// <param name="remaining">How many more would be.</param>
    /// <param name="end">Of the window.</param>
    /// <param name="window">In which it was counted.</param>
    internal sealed class Lease(
        SlidingWindow counter, RateLimit limit, int requests, bool admitted, int remaining, DateTimeOffset end, long window)
    {
        internal bool IsAcquired => admitted;

        internal RateLimit Limit => limit;

        internal int Requests => requests;

        internal int Remaining => remaining;

        /// <summary>When the window ends.</summary>
        internal DateTimeOffset Reset => end;

        /// <summary>The request is not to count after all, as when another limit refused it.</summary>
        internal void GiveBack()
        {
            if (admitted)
            {
                counter.GiveBack(window);
            }
        }
    }
}
