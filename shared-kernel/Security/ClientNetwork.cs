using System.Net;
using System.Net.Sockets;

namespace Modular.SharedKernel.Security;

/// <summary>
/// Whose an address is, as far as it tells: an IPv6 client has a network of 64 bits to itself and can choose any address of it, so that all
/// of them are one client. Wider networks group clients of one place or one provider.
/// </summary>
public static class ClientNetwork
{
    /// <summary>The network of an address, such as 192.0.2.7/32 or 2001:db8:1:2::/64; empty where there is no address.</summary>
    /// <param name="address">The client's. An IPv4 address that is written as an IPv6 one counts as what it is.</param>
    /// <param name="ipv4Bits">How many bits of an IPv4 address count: 8, 16, 24 or all 32.</param>
    /// <param name="ipv6Bits">How many bits of an IPv6 address count, a multiple of 8 up to 128.</param>
    public static string Of(IPAddress? address, int ipv4Bits = 32, int ipv6Bits = 64)
    {
        if (address is null)
        {
            return "";
        }

        var client = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bits = client.AddressFamily == AddressFamily.InterNetworkV6 ? ipv6Bits : ipv4Bits;
        var bytes = client.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        return $"{new IPAddress(bytes)}/{bits}";
    }
}
