using Modular.SharedKernel.Messaging;

namespace Modular.Users.Domain;

/// <summary>
/// Where checks wait that cost more than a hash of ours, up to seconds each. One runs at a time, so that they never keep other logins
/// waiting, and who would wait long behind others is told so instead.
/// </summary>
internal sealed class ForeignHashQueue : IDisposable
{
    /// <summary>Half a minute of usual hashes of others, of which one takes a quarter of a second to a second.</summary>
    internal const int Places = 32;

    private readonly CostlyWork one = new(new CostlyWorkSettings(1));
    private int taken;

    /// <summary>Null where as many wait as may; a place is held until it is disposed.</summary>
    internal IDisposable? TakePlace()
    {
        if (Interlocked.Increment(ref taken) <= Places)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref taken);
        return null;
    }

    internal Task<T> RunAsync<T>(Func<T> work, CancellationToken ct) => one.RunAsync(work, ct);

    public void Dispose() => one.Dispose();

    private sealed class Place(ForeignHashQueue queue) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref queue.taken);
    }
}
