using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Modular.SharedKernel.Security;

namespace Modular.Host.Server.Limits;

/// <summary>Whose requests are counted together.</summary>
/// <param name="Name">A network or a user.</param>
/// <param name="Neighbours">Shared by those who are counted together when there is no room for a counter each.</param>
internal readonly record struct RateSubject(string Name, string Neighbours)
{
    internal static RateSubject User(Guid id) => new(id.ToString(), id.ToString());

    /// <summary>Neighbours have a provider in common.</summary>
    internal static RateSubject Client(IPAddress? address) => new(ClientNetwork.Of(address), ClientNetwork.Of(address, ipv4Bits: 16, ipv6Bits: 32));
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
