using System.Net;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Web;

/// <summary>
/// How much the bodies hold that have not arrived as a whole, by the address that sends them: a body is kept in memory until it can be
/// judged, and clients may take their time. Bounded for each address and for all of them together.
/// </summary>
public sealed class BodiesUnderWay
{
    /// <summary>Of one address, an IPv6 client's network of 64 bits: 32 MiB.</summary>
    public const long BytesPerAddress = 32L * 1024 * 1024;

    /// <summary>Of all together: 256 MiB.</summary>
    public const long Bytes = 256L * 1024 * 1024;

    /// <summary>Of each body the first 16 KiB count for neither, so that logins and most writes go on while others send too much.</summary>
    public const long Free = 16 * 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<string, long> byAddress = new(StringComparer.Ordinal);
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
    public Body For(IPAddress? client) => new(this, ClientNetwork.Of(client));

    private bool Add(string address, long bytes)
    {
        lock (gate)
        {
            var ofAddress = byAddress.GetValueOrDefault(address) + bytes;
            if (bytes > 0 && (ofAddress > BytesPerAddress || total + bytes > Bytes))
            {
                return false;
            }

            total += bytes;
            if (ofAddress == 0)
            {
                byAddress.Remove(address);
            }
            else
            {
                byAddress[address] = ofAddress;
            }

            return true;
        }
    }

    /// <summary>A body that is on its way.</summary>
    public sealed class Body : IDisposable
    {
        private readonly BodiesUnderWay all;
        private readonly string address;
        private long held;

        internal Body(BodiesUnderWay all, string address) => (this.all, this.address) = (all, address);

        /// <summary>Says how many bytes of it have come. False where there is no room for them.</summary>
        public bool Grow(long bytes)
        {
            var counted = Math.Max(0, bytes - Free);
            if (!all.Add(address, counted - held))
            {
                return false;
            }

            held = counted;
            return true;
        }

        /// <inheritdoc />
        public void Dispose()
        {
            all.Add(address, -held);
            held = 0;
        }
    }
}
