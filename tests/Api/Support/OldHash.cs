using System.Text;
using NSec.Cryptography;

namespace Modular.Api.Support;

/// <summary>Passwords as a server with other parameters has stored them.</summary>
internal static class OldHash
{
    internal static string Of(string password)
    {
        var salt = Encoding.UTF8.GetBytes("sixteen bytes...");
        var hash = PasswordBasedKeyDerivationAlgorithm
            .Argon2id(new Argon2Parameters { MemorySize = 8_192, NumberOfPasses = 1, DegreeOfParallelism = 1 })
            .DeriveBytes(Encoding.UTF8.GetBytes(password), salt, 32);
        return $"$argon2id$v=19$m=8192,t=1,p=1${Unpadded(salt)}${Unpadded(hash)}";
    }

    private static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');
}
