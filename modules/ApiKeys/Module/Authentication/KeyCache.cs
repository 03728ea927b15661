using System.Collections.Concurrent;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Keys that were good a moment ago, so that a request need not ask the database. It only ever lets in: whatever would be refused
/// is looked up. What <see cref="KeyChanges"/> tells is dropped, by an index of its own, so that forgetting never depends on room;
/// while this server cannot hear what others tell, nothing is served from here.
/// </summary>
internal sealed class KeyCache(TimeProvider clock)
{
    /// <summary>About a kilobyte each.</summary>
    internal const int MaxKeys = 20_000;

    /// <summary>How long after the last sign of life of the listener the cache is trusted. Shorter than the 5 s that is promised.</summary>
    private static readonly TimeSpan lease = TimeSpan.FromSeconds(3);

    /// <summary>Also what was changed by hand in the database is seen some time.</summary>
    private static readonly TimeSpan longest = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();

    /// <summary>Read without the lock, written under it, as everything below is.</summary>
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, HashSet<string>> idsOfUsers = [];

    /// <summary>Oldest first; what has been used since it was put here gets another turn before it makes room.</summary>
    private readonly LinkedList<Entry> turns = [];
    private long changes;
    private long trustedUntil = clock.GetTimestamp();

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

    /// <summary>How many keys are known.</summary>
    internal int Count
    {
        get
        {
            lock (gate)
            {
                return turns.Count;
            }
        }
    }

    private bool IsTrusted => clock.GetTimestamp() < Volatile.Read(ref trustedUntil);

    /// <summary>Null where the database has to be asked.</summary>
    internal KnownKey? Find(string id)
    {
        if (!IsTrusted || !entries.TryGetValue(id, out var entry) || clock.GetElapsedTime(entry.KeptAt) >= longest)
        {
            return null;
        }

        entry.WasUsed = true;
        return entry.Key;
    }

    /// <summary>Keeps what was looked up, unless something has changed since <paramref name="changesBefore"/> was taken.</summary>
    internal void Keep(KnownKey key, long changesBefore)
    {
        lock (gate)
        {
            if (changes != changesBefore || !IsTrusted)
            {
                return;
            }

            Drop(key.Id);
            MakeRoom();
            var entry = new Entry(key, clock.GetTimestamp());
            entry.Turn = turns.AddLast(entry);
            entries[key.Id] = entry;
            if (!idsOfUsers.TryGetValue(key.Caller.UserId, out var ids))
            {
                idsOfUsers[key.Caller.UserId] = ids = [];
            }

            ids.Add(key.Id);
        }
    }

    internal void ForgetKey(string id)
    {
        lock (gate)
        {
            changes++;
            Drop(id);
        }
    }

    internal void ForgetUser(Guid userId)
    {
        lock (gate)
        {
            changes++;
            foreach (var id in idsOfUsers.TryGetValue(userId, out var ids) ? ids.ToArray() : [])
            {
                Drop(id);
            }
        }
    }

    internal void ForgetEverything()
    {
        lock (gate)
        {
            changes++;
            entries.Clear();
            idsOfUsers.Clear();
            turns.Clear();
        }
    }

    /// <summary>What others tell is heard, at this moment.</summary>
    internal void Trust()
    {
        if (!IsTrusted)
        {
            ForgetEverything(); // Something may have been told while nothing was heard.
        }

        Volatile.Write(ref trustedUntil, clock.GetTimestamp() + (long)(lease.TotalSeconds * clock.TimestampFrequency));
    }

    /// <summary>What others tell is not heard.</summary>
    internal void Distrust()
    {
        Volatile.Write(ref trustedUntil, clock.GetTimestamp());
        ForgetEverything();
    }

    private void MakeRoom()
    {
        while (turns.Count >= MaxKeys)
        {
            var oldest = turns.First!.Value;
            if (oldest.WasUsed)
            {
                oldest.WasUsed = false;
                turns.Remove(oldest.Turn);
                turns.AddLast(oldest.Turn);
            }
            else
            {
                Drop(oldest.Key.Id);
            }
        }
    }

    private void Drop(string id)
    {
        if (!entries.TryRemove(id, out var entry))
        {
            return;
        }

        turns.Remove(entry.Turn);
        var ids = idsOfUsers[entry.Key.Caller.UserId];
        ids.Remove(id);
        if (ids.Count == 0)
        {
            idsOfUsers.Remove(entry.Key.Caller.UserId);
        }
    }

    private sealed class Entry(KnownKey key, long keptAt)
    {
        internal KnownKey Key => key;

        internal long KeptAt => keptAt;

        internal bool WasUsed { get; set; }

        internal LinkedListNode<Entry> Turn { get; set; } = null!;
    }
}
