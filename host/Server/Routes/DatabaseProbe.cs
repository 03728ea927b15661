using Modular.Host.Persistence;
using Npgsql;

namespace Modular.Host.Server.Routes;

/// <summary>
/// Whether the database answers. One question is under way at a time, and its answer serves every request that comes within a
/// second of it, so that asking costs the database nothing. An answer is never older than that.
/// </summary>
internal sealed class DatabaseProbe
{
    private static readonly TimeSpan good = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5);

    private readonly Func<CancellationToken, Task> ask;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private Task<bool>? question;
    private long askedAt;

    // Public, since the container calls no other.
    public DatabaseProbe(NpgsqlDataSource database, TimeProvider clock)
        : this(database.PingAsync, clock)
    {
    }

    /// <summary>Lets a test be the database.</summary>
    internal DatabaseProbe(Func<CancellationToken, Task> ask, TimeProvider clock)
    {
        this.ask = ask;
        this.clock = clock;
    }

    /// <summary>Giving up the wait ends no question that others may wait for.</summary>
    internal Task<bool> AnswersAsync(CancellationToken ct)
    {
        lock (gate)
        {
            if (question is null || (question.IsCompleted && clock.GetElapsedTime(askedAt) >= good))
            {
                askedAt = clock.GetTimestamp();
                question = Task.Run(AskAsync, CancellationToken.None);
            }

            return question.WaitAsync(ct);
        }
    }

    private async Task<bool> AskAsync()
    {
        using var enough = new CancellationTokenSource(patience, clock);
        try
        {
            await ask(enough.Token);
            return true;
        }
        catch (Exception away) when (away is NpgsqlException or OperationCanceledException)
        {
            return false;
        }
    }
}
