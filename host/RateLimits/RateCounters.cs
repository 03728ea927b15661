using System.Threading.RateLimiting;
using Modular.SharedKernel.Web;

namespace Modular.Host.RateLimits;

/// <summary>What is counted together: a limit, whose requests, and of which route.</summary>
internal readonly record struct RateKey(string Limit, string Subject, string Route);

/// <summary>
/// The counters of this process. Idle ones go by themselves; beyond a number of them, newcomers share counters by the hash of
/// their key, so that a flood of addresses costs precision and no memory.
/// </summary>
internal sealed class RateCounters : IDisposable
{
    private const int MaxCounters = 100_000;
    private const int SharedCounters = 1_024;

    private readonly PartitionedRateLimiter<(RateKey Key, RateLimit Limit, int Requests)> counters;
    private int count;

    public RateCounters(TimeProvider clock) => counters = PartitionedRateLimiter.Create<(RateKey Key, RateLimit Limit, int Requests), RateKey>(
        asked => RateLimitPartition.Get(
            Volatile.Read(ref count) < MaxCounters
                ? asked.Key
                : new RateKey(asked.Key.Limit, "shared", ((uint)asked.Key.GetHashCode() % SharedCounters).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            _ =>
            {
                Interlocked.Increment(ref count);
                return new SlidingWindow(asked.Requests, asked.Limit.Window, clock, () => Interlocked.Decrement(ref count));
            }));

    internal SlidingWindow.Lease Count(RateKey key, RateLimit limit, int requests) =>
        (SlidingWindow.Lease)counters.AttemptAcquire((key, limit, requests));

    public void Dispose() => counters.Dispose();
}
