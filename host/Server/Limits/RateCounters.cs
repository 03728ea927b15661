using System.Collections.Concurrent;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Limits;

/// <summary>
/// The counters of this process. Each limit has a store of its own, so that a flood of requests that one limit counts neither opens nor
/// closes another.
/// </summary>
internal sealed class RateCounters(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, CounterStore> stores = new(StringComparer.Ordinal);

    internal CounterStore Of(RateLimit limit) => stores.GetOrAdd(limit.Name, _ => new CounterStore(clock));

    internal SlidingWindow.Lease Count(RateSubject subject, string route, RateLimit limit, int requests) =>
        Of(limit).Count(new RateKey(subject, route), limit, requests);
}
