using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Crypto.Generators;

namespace Modular.Users.SignIn.Domain;

/// <summary>bcrypt in its three spellings, which mean the same for text in UTF-8: <c>$2b$12$</c>, 22 characters of salt, 31 of hash.</summary>
internal sealed partial record BcryptHash(int Cost, byte[] Salt, byte[] Hash) : ForeignHash
{
    private const int MinCost = 4;
    private const int MaxCost = 14;
    private const int MaxPasswordBytes = 72;
    private const int SaltBytes = 16;
    private const int HashBytes = 23;
    private const string Alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    internal override string? Excess =>
        Cost > MaxCost ? $"This hash costs too much to check: bcrypt is taken up to cost {MaxCost}." : null;

    internal static BcryptHash? Parse(string text) =>
        Form().Match(text) is { Success: true } match && (int)match.Number("cost") is >= MinCost and var cost
            ? new BcryptHash(cost, Decode(match.Groups["salt"].ValueSpan, SaltBytes), Decode(match.Groups["hash"].ValueSpan, HashBytes))
            : null;

    internal override bool Matches(ReadOnlySpan<byte> password)
    {
        // The text ends with a zero byte, and bcrypt looks at 72 bytes of it, so that of longer passwords the beginning counts.
        var key = GC.AllocateArray<byte>(Math.Min(password.Length + 1, MaxPasswordBytes), pinned: true);
        password[..Math.Min(password.Length, MaxPasswordBytes)].CopyTo(key);
        try
        {
            return CryptographicOperations.FixedTimeEquals(BCrypt.Generate(key, Salt, Cost, addTerminator: false).AsSpan(0, HashBytes), Hash);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>bcrypt's own base64: another alphabet, and bits that are left over mean nothing.</summary>
    private static byte[] Decode(ReadOnlySpan<char> text, int length)
    {
        var bytes = new byte[length];
        var (bits, held, written) = (0, 0, 0);
        foreach (var character in text)
        {
            bits = (bits << 6) | Alphabet.IndexOf(character, StringComparison.Ordinal);
            held += 6;
            if (held >= 8 && written < length)
            {
                held -= 8;
                bytes[written++] = (byte)(bits >> held);
            }
        }

        return bytes;
    }

    [GeneratedRegex(@"\A\$2[aby]\$(?<cost>[0-3][0-9])\$(?<salt>[./A-Za-z0-9]{22})(?<hash>[./A-Za-z0-9]{31})\z")]
    private static partial Regex Form();
}
