using System.Net;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Web;

/// <summary>
/// How much the bodies hold that have not arrived as a whole, by the address that sends them: a body is kept in memory until it can be
/// judged, and clients may take their time. Bounded for each address and for all of them together. Where all together hold too much, the
/// address with the most of it gives way, so that a few do not keep the others out.
/// </summary>
public sealed class BodiesUnderWay
{
    /// <summary>Of one address, 48 bits of an IPv6 one, which one customer may have: 32 MiB.</summary>
    public const long BytesPerAddress = 32L * 1024 * 1024;

    /// <summary>Of all together: 256 MiB.</summary>
    public const long Bytes = 256L * 1024 * 1024;

    /// <summary>Of each body the first 16 KiB count for neither, so that logins and most writes go on while others send too much.</summary>
    public const long Free = 16 * 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Sender> senders = new(StringComparer.Ordinal);
    private long total;

    /// <summary>What all bodies hold at this moment.</summary>
    public long Held
    {
        get
        {
            lock (gate)
            {
                return total;
            }
        }
    }

    /// <summary>Counts a body, which holds nothing yet, until it is disposed.</summary>
    /// <param name="client">Where it comes from.</param>
    /// <param name="cut">Called at most once before it is disposed, and must not block: the body has to give way, and counts for nothing from then on.</param>
    public Body For(IPAddress? client, Action cut) => new(this, ClientNetwork.Of(client, ipv6Bits: 48), cut);

    private bool Grow(Body body, long bytes)
    {
        lock (gate)
        {
            if (body.IsCut)
            {
                return false;
            }

            var held = senders.GetValueOrDefault(body.Address)?.Held ?? 0;
            var more = bytes - body.Held;
            if (held + more > BytesPerAddress)
            {
                return false;
            }

            while (total + more > Bytes)
            {
                var largest = senders.Values.MaxBy(sender => sender.Held)!;
                if (largest.Held <= held + more)
                {
                    return false;
                }

                var givesWay = largest.Bodies.MaxBy(other => other.Held)!;
                Count(givesWay, 0);
                givesWay.IsCut = true;
                givesWay.Cut(); // Not after the lock: the request that has it could have ended, and another one read from its connection.
            }

            Count(body, bytes);
            return true;
        }
    }

    private void Count(Body body, long bytes)
    {
        if (!senders.TryGetValue(body.Address, out var sender))
        {
            senders[body.Address] = sender = new Sender();
        }

        total += bytes - body.Held;
        sender.Held += bytes - body.Held;
        body.Held = bytes;
        _ = bytes > 0 ? sender.Bodies.Add(body) : sender.Bodies.Remove(body);
        if (sender.Bodies.Count == 0)
        {
            senders.Remove(body.Address);
        }
    }

    private void Forget(Body body)
    {
        lock (gate)
        {
            body.IsCut = true;
            Count(body, 0);
        }
    }

    /// <summary>A body that is on its way.</summary>
    public sealed class Body : IDisposable
    {
        private readonly BodiesUnderWay all;
        private readonly Action cut;

        internal Body(BodiesUnderWay all, string address, Action cut) => (this.all, Address, this.cut) = (all, address, cut);

        internal string Address { get; }

        internal long Held { get; set; }

        internal bool IsCut { get; set; }

        /// <summary>Says how many bytes of it have come. False where there is no room for them, or no more for any of it.</summary>
        public bool Grow(long bytes) => all.Grow(this, Math.Max(0, bytes - Free));

        /// <inheritdoc />
        public void Dispose() => all.Forget(this);

        internal void Cut() => cut();
    }

    private sealed class Sender
    {
        internal long Held { get; set; }

        internal HashSet<Body> Bodies { get; } = [];
    }
}
