using Microsoft.Extensions.Caching.Memory;
using ZiggyCreatures.Caching.Fusion;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Keys that were good a moment ago, so that a request need not ask the database. It only ever lets in: whatever would be refused
/// is looked up. What is told by <see cref="KeyChanges"/> is dropped; while this server cannot hear what others tell, nothing is
/// served from here.
/// </summary>
internal sealed class KeyCache : IDisposable
{
    private const int MaxKeys = 20_000;

    /// <summary>How long after the last sign of life of the listener the cache is trusted. Shorter than the 5 s that is promised.</summary>
    private static readonly TimeSpan lease = TimeSpan.FromSeconds(3);

    /// <summary>Also what was changed by hand in the database is seen some time.</summary>
    private static readonly FusionCacheEntryOptions forMinutes = new(TimeSpan.FromMinutes(5)) { Size = 1 };

    private readonly TimeProvider clock;
    private readonly MemoryCache memory = new(new MemoryCacheOptions { SizeLimit = MaxKeys });
    private readonly FusionCache keys;
    private readonly Lock gate = new();
    private long changes;
    private long trustedUntil;

    public KeyCache(TimeProvider clock)
    {
        this.clock = clock;
        trustedUntil = clock.GetTimestamp();
        keys = new FusionCache(
            new FusionCacheOptions { CacheName = "api_keys", TagsDefaultEntryOptions = new FusionCacheEntryOptions(TimeSpan.FromHours(1)) { Size = 1 } },
            memory);
    }

    /// <summary>Taken before a lookup, so that what it found is not kept when it has changed meanwhile.</summary>
    internal long Changes
    {
        get
        {
            lock (gate)
            {
                return changes;
            }
        }
    }

    private bool IsTrusted => clock.GetTimestamp() < Volatile.Read(ref trustedUntil);

    /// <summary>Null where the database has to be asked.</summary>
    internal KnownKey? Find(string id) => IsTrusted && keys.TryGet<KnownKey>(id) is { HasValue: true } found ? found.Value : null;

    /// <summary>Keeps what was looked up, unless something has changed since <paramref name="changesBefore"/> was taken.</summary>
    internal void Keep(KnownKey key, long changesBefore)
    {
        lock (gate)
        {
            if (changes == changesBefore && IsTrusted)
            {
                keys.Set(key.Id, key, forMinutes, [TagOf(key.Caller.UserId)]);
            }
        }
    }

    internal void ForgetKey(string id) => Change(() => keys.Remove(id));

    internal void ForgetUser(Guid userId) => Change(() => keys.RemoveByTag(TagOf(userId)));

    internal void ForgetEverything() => Change(() => keys.Clear());

    /// <summary>What others tell is heard, at this moment.</summary>
    internal void Trust()
    {
        if (!IsTrusted)
        {
            ForgetEverything(); // Something may have been told while nobody listened.
        }

        Volatile.Write(ref trustedUntil, clock.GetTimestamp() + (long)(lease.TotalSeconds * clock.TimestampFrequency));
    }

    /// <summary>What others tell is not heard.</summary>
    internal void Distrust()
    {
        Volatile.Write(ref trustedUntil, clock.GetTimestamp());
        ForgetEverything();
    }

    public void Dispose()
    {
        keys.Dispose();
        memory.Dispose();
    }

    private static string TagOf(Guid userId) => userId.ToString();

    private void Change(Action drop)
    {
        lock (gate)
        {
            changes++;
            drop();
        }
    }
}
