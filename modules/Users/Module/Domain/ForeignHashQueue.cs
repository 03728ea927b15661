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

    /// <summary>Of them for one network, so that strangers in one place do not keep all others waiting.</summary>
    internal const int PlacesPerNetwork = 8;

    private readonly CostlyWork one = new(new CostlyWorkSettings(1));
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> byNetwork = new(StringComparer.Ordinal);
    private int taken;

    /// <summary>
    /// Null where as many wait as may; a place is held until it is disposed. A network that has all of its places gets none for cheap
    /// checks either: otherwise the answer would tell which accounts have a costly hash.
    /// </summary>
    /// <param name="network">The client's.</param>
    /// <param name="isCostly">Whether the check needs a place at all.</param>
    internal IDisposable? TakePlace(string network, bool isCostly)
    {
        lock (gate)
        {
            var ofNetwork = byNetwork.GetValueOrDefault(network);
            if (ofNetwork >= PlacesPerNetwork || (isCostly && taken >= Places))
            {
                return null;
            }

            if (!isCostly)
            {
                return Place.NotNeeded;
            }

            taken++;
            byNetwork[network] = ofNetwork + 1;
            return new Place(this, network);
        }
    }

    internal Task<T> RunAsync<T>(Func<T> work, CancellationToken ct) => one.RunAsync(work, ct);

    public void Dispose() => one.Dispose();

    private void GiveBack(string network)
    {
        lock (gate)
        {
            taken--;
            if (--byNetwork[network] == 0)
            {
                byNetwork.Remove(network);
            }
        }
    }

    private sealed class Place(ForeignHashQueue? queue, string network) : IDisposable
    {
        internal static readonly Place NotNeeded = new(null, "");

        public void Dispose() => queue?.GiveBack(network);
    }
}
