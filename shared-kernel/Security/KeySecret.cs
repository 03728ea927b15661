using System.Security.Cryptography;
using System.Text;

namespace Modular.SharedKernel.Security;

/// <summary>
/// A new API key: ten public characters that name it and twenty-two secret ones (131 bits), both of <c>[A-Za-z0-9]</c>.
/// Only the hash is ever stored; the text is shown once.
/// </summary>
/// <param name="Id">The public part.</param>
/// <param name="Text">What the client presents: <c>id-secret</c>.</param>
/// <param name="Hash">SHA-256 of the secret part.</param>
public sealed record KeySecret(string Id, string Text, byte[] Hash)
{
    /// <summary>Characters of the public part.</summary>
    public const int IdLength = 10;

    /// <summary>Characters of the secret part.</summary>
    public const int SecretLength = 22;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Draws a new one.</summary>
    public static KeySecret Draw() => DrawFor(RandomNumberGenerator.GetString(Alphabet, IdLength));

    /// <summary>Draws another secret for a key that is known by its id.</summary>
    public static KeySecret DrawFor(string id)
    {
        var secret = RandomNumberGenerator.GetString(Alphabet, SecretLength);
        return new KeySecret(id, $"{id}-{secret}", HashOf(secret));
    }

    /// <summary>The stored form of a secret part.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Keeps a record's generated text from showing the secret in a log.</summary>
    public override string ToString() => $"key {Id}";
}
