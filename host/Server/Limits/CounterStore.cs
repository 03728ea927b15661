using System.Collections.Concurrent;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Limits;

/// <summary>
/// The counters of one limit. There are at most so many, and each takes the same room, whatever is counted. A counter that exists is
/// never given up while anything in it counts; when there is no room, newcomers share counters with their neighbours, over all routes,
/// until there is, and then go on from what those have counted: room must not give back a limit that is used up.
/// </summary>
internal sealed class CounterStore(TimeProvider clock)
{
    /// <summary>About 10 MB of them.</summary>
    internal const int MaxCounters = 65_536;

    private const int SharedCounters = 4_096;

    /// <summary>How often a newcomer looks for counters that can go.</summary>
    private static readonly TimeSpan between = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<UInt128, SlidingWindow> counters = new();
    private readonly Lazy<SlidingWindow[]> shared = new(() => [.. Enumerable.Range(0, SharedCounters).Select(_ => new SlidingWindow())]);
    private int count;
    private long swept;

    /// <summary>How many there are beside the shared ones.</summary>
    internal int Size => counters.Count;

    internal SlidingWindow.Lease Count(RateKey key, RateLimit limit, int requests)
    {
        while (true)
        {
            // Null when the counter was retired just now: the next one found is another.
            if (CounterOf(key, limit.Window).Count(limit, requests, clock.GetUtcNow()) is { } lease)
            {
                return lease;
            }
        }
    }

    private SlidingWindow CounterOf(RateKey key, TimeSpan length)
    {
        var id = key.Id;
        if (counters.TryGetValue(id, out var known))
        {
            return known;
        }

        Sweep(length);
        if (Interlocked.Increment(ref count) > MaxCounters)
        {
            Interlocked.Decrement(ref count);
            return shared.Value[key.NeighboursId % SharedCounters];
        }

        var made = shared.IsValueCreated ? SlidingWindow.From(shared.Value[key.NeighboursId % SharedCounters]) : new SlidingWindow();
        var kept = counters.GetOrAdd(id, made);
        if (kept != made)
        {
            Interlocked.Decrement(ref count);
        }

        return kept;
    }

    /// <summary>Removes what counts nothing any more; one newcomer at a time, and not all the time.</summary>
    private void Sweep(TimeSpan length)
    {
        var (now, last) = (clock.GetUtcNow(), Volatile.Read(ref swept));
        if (now.Ticks - last < between.Ticks || Interlocked.CompareExchange(ref swept, now.Ticks, last) != last)
        {
            return;
        }

        foreach (var (id, counter) in counters)
        {
            if (counter.TryRetire(length, now) && counters.TryRemove(KeyValuePair.Create(id, counter)))
            {
                Interlocked.Decrement(ref count);
            }
        }
    }
}
