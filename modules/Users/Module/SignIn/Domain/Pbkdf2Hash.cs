using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Modular.Users.SignIn.Domain;

/// <summary>
/// PBKDF2 by HMAC: <c>$pbkdf2-sha256$65535$salt$hash</c>, rounds also as <c>i=65535</c>. Salt and hash are unpadded base64; some systems
/// write <c>.</c> for its <c>+</c>.
/// </summary>
internal sealed partial record Pbkdf2Hash(HashAlgorithmName Algorithm, long Rounds, byte[] Salt, byte[] Hash) : ForeignHash
{
    private const int MaxRounds = 2_000_000;

    internal override string? Excess =>
        Rounds > MaxRounds ? $"This hash costs too much to check: pbkdf2 is taken up to {MaxRounds:N0} rounds." : null;

    internal static Pbkdf2Hash? Parse(string text) =>
        Form().Match(text.Replace('.', '+')) is { Success: true } match && match.Bytes("salt") is { } salt && match.Bytes("hash") is { } hash
            ? new Pbkdf2Hash(
                match.Groups["bits"].ValueSpan is "256" ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512, match.Number("rounds"), salt, hash)
            : null;

    internal override bool Matches(ReadOnlySpan<byte> password)
    {
        var hash = new byte[Hash.Length];
        Rfc2898DeriveBytes.Pbkdf2(password, Salt, hash, (int)Rounds, Algorithm);
        return CryptographicOperations.FixedTimeEquals(hash, Hash);
    }

    // Salts have up to 64 bytes; hashes 16 to 64, which also bounds the work that a round is.
    [GeneratedRegex(
        @"\A\$pbkdf2-sha(?<bits>256|512)\$(?:i=)?(?<rounds>[1-9][0-9]{0,9})(?:,l=[0-9]{2})?"
        + @"\$(?<salt>[A-Za-z0-9+/]{2,86})\$(?<hash>[A-Za-z0-9+/]{22,86})\z")]
    private static partial Regex Form();
}
