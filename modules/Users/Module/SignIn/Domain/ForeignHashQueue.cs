using Modular.SharedKernel.Messaging;

namespace Modular.Users.SignIn.Domain;

/// <summary>
/// Where checks wait that cost more than a hash of ours, up to seconds each. One runs at a time, so that they never keep other logins
/// waiting. Networks take turns: each waits with one check for those of the others, and with the rest for its own, so that strangers in a
/// few places do not keep anybody out. Who would wait long is told so instead.
/// </summary>
internal sealed class ForeignHashQueue : IDisposable
{
    /// <summary>For one network: some seconds of usual hashes of others, of which one takes a quarter of a second to a second.</summary>
    internal const int PlacesPerNetwork = 8;

    /// <summary>What 32 networks fill.</summary>
    internal const int Places = 32 * PlacesPerNetwork;

    private readonly CostlyWork one = new(new CostlyWorkSettings(1));
    private readonly Lock gate = new();
    private readonly Dictionary<string, Line> lines = new(StringComparer.Ordinal);
    private int taken;

    /// <summary>
    /// Null where as many wait as may; a place is held until it is disposed. A network that has all of its places gets none for cheap
    /// checks either: otherwise the answer would tell which accounts have a costly hash.
    /// </summary>
    /// <param name="network">The client's.</param>
    /// <param name="isCostly">Whether the check needs a place at all.</param>
    internal Place? TakePlace(string network, bool isCostly)
    {
        lock (gate)
        {
            var line = lines.GetValueOrDefault(network);
            if (line?.Taken >= PlacesPerNetwork || (isCostly && taken >= Places))
            {
                return null;
            }

            if (!isCostly)
            {
                return Place.NotNeeded;
            }

            lines[network] = line ??= new Line(network);
            line.Taken++;
            taken++;
            return new Place(this, line);
        }
    }

    internal Task<T> RunAsync<T>(Func<T> work, CancellationToken ct) => one.RunAsync(work, ct);

    public void Dispose() => one.Dispose();

    private void GiveBack(Line line)
    {
        lock (gate)
        {
            taken--;
            if (--line.Taken == 0)
            {
                lines.Remove(line.Network);
                line.Turn.Dispose();
            }
        }
    }

    /// <summary>The checks of one network.</summary>
    internal sealed class Line(string network)
    {
        internal string Network => network;

        internal SemaphoreSlim Turn { get; } = new(1);

        internal int Taken { get; set; }
    }

    /// <summary>A place in the line of a network.</summary>
    internal sealed class Place(ForeignHashQueue? queue, Line? line) : IDisposable
    {
        internal static readonly Place NotNeeded = new(null, null);

        private bool hasTurn;

        /// <summary>Waits for the checks of its own network that came before; its turn lasts until it is disposed.</summary>
        internal async Task TurnAsync(CancellationToken ct)
        {
            if (line is not null)
            {
                await line.Turn.WaitAsync(ct);
                hasTurn = true;
            }
        }

        public void Dispose()
        {
            if (line is null)
            {
                return;
            }

            if (hasTurn)
            {
                line.Turn.Release();
            }

            queue!.GiveBack(line);
        }
    }
}
