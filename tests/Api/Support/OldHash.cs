using System.Text;
using NSec.Cryptography;

namespace Modular.Tests.Api.Support;

/// <summary>Passwords as a server with other parameters has stored them, unless they are said.</summary>
internal static class OldHash
{
    internal static string Of(string password, int memoryKiB = 8_192, int passes = 1)
    {
        var salt = Encoding.UTF8.GetBytes("sixteen bytes...");
        var hash = PasswordBasedKeyDerivationAlgorithm
            .Argon2id(new Argon2Parameters { MemorySize = memoryKiB, NumberOfPasses = passes, DegreeOfParallelism = 1 })
            .DeriveBytes(Encoding.UTF8.GetBytes(password), salt, 32);
        return $"$argon2id$v=19$m={memoryKiB},t={passes},p=1${Unpadded(salt)}${Unpadded(hash)}";
    }

    private static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');
}
