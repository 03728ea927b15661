using Modular.SharedKernel.Settings;

namespace Modular.Host.Agents;

/// <summary>The streams that clients keep open on this server to be told of changes, so many of a user; the oldest goes for a new one.</summary>
internal sealed class McpStreams
{
    private readonly int perUser;
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, List<McpStream>> open = [];

    private McpStreams(int perUser) => this.perUser = perUser;

    internal static McpStreams Read(SettingsReader settings) => new(settings.WholeNumber("Limits:McpStreams", 10, least: 1));

    /// <summary>Opens one, until it is disposed.</summary>
    internal McpStream Open(Guid userId)
    {
        var stream = new McpStream(this, userId);
        List<McpStream> tooMany = [];
        lock (gate)
        {
            if (!open.TryGetValue(userId, out var streams))
            {
                open[userId] = streams = [];
            }

            while (streams.Count >= perUser)
            {
                tooMany.Add(streams[0]);
                streams.RemoveAt(0);
            }

            streams.Add(stream);
        }

        // Not under the lock: what waits for it may go on here.
        tooMany.ForEach(oldest => oldest.End());
        return stream;
    }

    /// <summary>Tells a user's streams that what an experiment offers has changed.</summary>
    internal void Tell(Guid userId, string featureFlag)
    {
        lock (gate)
        {
            open.GetValueOrDefault(userId)?.ForEach(stream => stream.Tell(featureFlag));
        }
    }

    /// <summary>Tells all streams that anything may have changed.</summary>
    internal void TellAll()
    {
        lock (gate)
        {
            foreach (var stream in open.Values.SelectMany(streams => streams))
            {
                stream.Tell(McpStream.Anything);
            }
        }
    }

    internal void Forget(McpStream stream)
    {
        lock (gate)
        {
            if (open.TryGetValue(stream.UserId, out var streams) && streams.Remove(stream) && streams.Count == 0)
            {
                open.Remove(stream.UserId);
            }
        }
    }
}

/// <summary>One of them: what it has not told its client yet, and whether it has been ended for another.</summary>
internal sealed class McpStream(McpStreams streams, Guid userId) : IDisposable
{
    /// <summary>In place of an experiment: all of them.</summary>
    internal const string Anything = "*";

    private readonly Lock gate = new();
    private readonly HashSet<string> told = [];
    private readonly SemaphoreSlim signal = new(0);

    /// <summary>Never disposed: who ends the stream for another may do so a moment after it has ended by itself.</summary>
    private readonly CancellationTokenSource ended = new();

    internal Guid UserId => userId;

    internal CancellationToken Ended => ended.Token;

    internal void Tell(string featureFlag)
    {
        lock (gate)
        {
            if (told.Count == 0)
            {
                signal.Release();
            }

            told.Add(featureFlag);
        }
    }

    internal void End() => ended.Cancel();

    /// <summary>What has been told since the last time, many times or once; nothing, when the time is up.</summary>
    internal async Task<IReadOnlySet<string>> WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        await signal.WaitAsync(atMost, ct);
        lock (gate)
        {
            var all = told.ToHashSet();
            told.Clear();
            return all;
        }
    }

    public void Dispose()
    {
        streams.Forget(this);
        signal.Dispose();
    }
}
