using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Modular.Host.RateLimits;

/// <summary>Whose requests are counted together.</summary>
/// <param name="Name">A network or a user.</param>
/// <param name="Neighbours">Shared by those who are counted together when there is no room for a counter each.</param>
internal readonly record struct RateSubject(string Name, string Neighbours)
{
    internal static RateSubject User(Guid id) => new(id.ToString(), id.ToString());

    /// <summary>An IPv6 client has a network of 64 bits to itself and can choose any address of it. Neighbours have a provider in common.</summary>
    internal static RateSubject Client(IPAddress? address) => address switch
    {
        null => new("", ""),
        { IsIPv4MappedToIPv6: true } => Client(address.MapToIPv4()),
        { AddressFamily: AddressFamily.InterNetworkV6 } => new(Prefix(address, 8), Prefix(address, 4)),
        _ => new(Prefix(address, 4), Prefix(address, 2)),
    };

    private static string Prefix(IPAddress address, int bytes) => $"{address.AddressFamily} {Convert.ToHexString(address.GetAddressBytes().AsSpan(0, bytes))}";
}

/// <summary>
/// What a request is counted under: a subject and a route. It holds hashes, so that nothing of what clients send is kept; keyed, so that
/// no client can choose which other one it shares a counter with.
/// </summary>
internal readonly struct RateKey(RateSubject subject, string route)
{
    private static readonly byte[] secret = RandomNumberGenerator.GetBytes(32);

    internal UInt128 Id => BinaryPrimitives.ReadUInt128LittleEndian(Hash($"{subject.Name}\n{route}"));

    internal uint NeighboursId => BinaryPrimitives.ReadUInt32LittleEndian(Hash(subject.Neighbours));

    private static byte[] Hash(string text) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text));
}
