namespace Modular.Users.SignIn.Domain;

/// <summary>
/// Lets networks take turns at a queue, so that a few with many requests do not keep all others waiting: each waits there with a few
/// requests at a time, and with the rest for its own. Who would wait long gets no place.
/// </summary>
internal sealed class NetworkTurns(int places, int placesOfANetwork, int atOnce)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Line> lines = new(StringComparer.Ordinal);
    private int taken;

    /// <summary>Whether the network has a place left of its own.</summary>
    internal bool HasPlaceFor(string network)
    {
        lock (gate)
        {
            return lines.GetValueOrDefault(network) is not { } line || line.Taken < placesOfANetwork;
        }
    }

    /// <summary>Null where as many wait as may, of the network or of all; a place is held until it is disposed.</summary>
    internal Place? TakePlace(string network)
    {
        lock (gate)
        {
            var line = lines.GetValueOrDefault(network) ?? new Line(network, atOnce);
            if (taken >= places || line.Taken >= placesOfANetwork)
            {
                return null;
            }

            lines[network] = line;
            line.Taken++;
            taken++;
            return new Place(this, line);
        }
    }

    private void GiveBack(Line line)
    {
        lock (gate)
        {
            taken--;
            if (--line.Taken == 0)
            {
                lines.Remove(line.Network);
                line.Turns.Dispose();
            }
        }
    }

    /// <summary>The requests of one network.</summary>
    internal sealed class Line(string network, int atOnce)
    {
        internal string Network => network;

        internal SemaphoreSlim Turns { get; } = new(atOnce);

        internal int Taken { get; set; }
    }

    /// <summary>A place in the line of a network.</summary>
    internal sealed class Place(NetworkTurns all, Line line) : IDisposable
    {
        private bool hasTurn;

        /// <summary>Waits for the requests of its own network that came before; its turn lasts until it is disposed.</summary>
        internal async Task TurnAsync(CancellationToken ct)
        {
            await line.Turns.WaitAsync(ct);
            hasTurn = true;
        }

        public void Dispose()
        {
            if (hasTurn)
            {
                line.Turns.Release();
            }

            all.GiveBack(line);
        }
    }
}
