using System.Collections.Concurrent;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Settings;

namespace Modular.SharedKernel.Web;

/// <summary>How many long transfers a user may have under way on this server at once: each keeps a connection and a worker busy.</summary>
public sealed class StreamSlots
{
    private readonly int perUser;
    private readonly ConcurrentDictionary<Guid, int> taken = [];

    private StreamSlots(int perUser) => this.perUser = perUser;

    /// <summary>Reads <c>Limits:StreamsPerUser</c>.</summary>
    public static StreamSlots Read(SettingsReader settings) => new(settings.WholeNumber("Limits:StreamsPerUser", 2, least: 1));

    /// <summary>Takes a slot until the result is disposed; 429 where the user has none left.</summary>
    public Result<IDisposable> Take(Guid userId)
    {
        if (taken.AddOrUpdate(userId, 1, (_, count) => count + 1) <= perUser)
        {
            return new Slot(this, userId);
        }

        Give(userId);
        return new Error(
            ErrorKind.TooManyRequests,
            "streams.too_many",
            "You have as many long transfers under way as you can have.",
            $"The limit is {perUser}. Wait until one has ended.");
    }

    private void Give(Guid userId)
    {
        if (taken.AddOrUpdate(userId, 0, (_, count) => count - 1) == 0)
        {
            taken.TryRemove(new(userId, 0));
        }
    }

    private sealed class Slot(StreamSlots slots, Guid userId) : IDisposable
    {
        private int isGiven;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isGiven, 1) == 0)
            {
                slots.Give(userId);
            }
        }
    }
}
