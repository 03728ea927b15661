using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Modular.Users.SignIn.Domain;

/// <summary>
/// argon2id with any number of lanes and any salt, which NSec does not compute: <c>$argon2id$v=19$m=65536,t=3,p=4$salt$hash</c>.
/// <see cref="Argon2Phc"/> is the kind that is ours.
/// </summary>
internal sealed partial record Argon2Hash(long MemoryKiB, long Passes, long Lanes, byte[] Salt, byte[] Hash) : ForeignHash
{
    private const int MaxMemoryKiB = 256 * 1024;
    private const int MaxPasses = 10;
    private const int MaxLanes = 8;
    private const int MaxMemoryTimesPassesKiB = 768 * 1024;

    internal override string? Excess => Exceeds(MemoryKiB, Passes) || Lanes > MaxLanes
        ? $"This hash costs too much to check: argon2id is taken up to {MaxMemoryKiB / 1024} MiB, {MaxPasses} passes, {MaxLanes} lanes and "
            + $"{MaxMemoryTimesPassesKiB / 1024} MiB of memory times passes."
        : null;

    /// <summary>Whether a hash of any kind of argon2id costs more than is taken: a stored text must keep neither a processor nor the memory busy.</summary>
    internal static bool Exceeds(long memoryKiB, long passes) =>
        memoryKiB > MaxMemoryKiB || passes > MaxPasses || memoryKiB * passes > MaxMemoryTimesPassesKiB;

    internal static Argon2Hash? Parse(string text) =>
        Form().Match(text) is { Success: true } match && match.Bytes("salt") is { } salt && match.Bytes("hash") is { } hash
        && new Argon2Hash(match.Number("memory"), match.Number("passes"), match.Number("lanes"), salt, hash) is var read
        && read.MemoryKiB >= 8 * read.Lanes // argon2's own floor
            ? read
            : null;

    internal override bool Matches(ReadOnlySpan<byte> password)
    {
        var argon2 = new Argon2BytesGenerator();
        argon2.Init(new Argon2Parameters.Builder(Argon2Parameters.Argon2id)
            .WithVersion(Argon2Parameters.Version13)
            .WithMemoryAsKB((int)MemoryKiB)
            .WithIterations((int)Passes)
            .WithParallelism((int)Lanes)
            .WithSalt(Salt)
            .Build());
        var key = GC.AllocateUninitializedArray<byte>(password.Length, pinned: true);
        password.CopyTo(key);
        try
        {
            var hash = new byte[Hash.Length];
            argon2.GenerateBytes(key, hash);
            return CryptographicOperations.FixedTimeEquals(hash, Hash);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    // Salts have 8 to 64 bytes, hashes 16 to 64.
    [GeneratedRegex(
        @"\A\$argon2id\$v=19\$m=(?<memory>[1-9][0-9]{0,9}),t=(?<passes>[1-9][0-9]{0,9}),p=(?<lanes>[1-9][0-9]{0,7})"
        + @"\$(?<salt>[A-Za-z0-9+/]{11,86})\$(?<hash>[A-Za-z0-9+/]{22,86})\z")]
    private static partial Regex Form();
}
