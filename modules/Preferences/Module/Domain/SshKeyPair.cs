using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;

namespace Modular.Preferences.Domain;

/// <summary>A key pair in the forms that OpenSSH reads.</summary>
/// <param name="PublicKey">One line of an <c>authorized_keys</c> file, without a comment.</param>
/// <param name="PrivateKey">PEM without a passphrase.</param>
internal sealed record SshKeyPair(string PublicKey, string PrivateKey)
{
    internal const string Ed25519 = "ed25519";
    internal const string Ecdsa = "ecdsa";
    internal const string Rsa4096 = "rsa4096";

    private const int RsaBits = 4096;

    /// <summary>Makes one. RSA takes seconds.</summary>
    internal static SshKeyPair Generate(string algorithm) => algorithm switch
    {
        Ed25519 => GenerateEd25519(),
        Ecdsa => GenerateEcdsa(),
        Rsa4096 => GenerateRsa(),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "There is no such algorithm."),
    };

    /// <summary>The record's own would print the private key.</summary>
    public override string ToString() => PublicKey;

    /// <summary>.NET has no Ed25519.</summary>
    private static SshKeyPair GenerateEd25519()
    {
        var key = new Ed25519PrivateKeyParameters(new SecureRandom());
        var pem = PemEncoding.WriteString("OPENSSH PRIVATE KEY", OpenSshPrivateKeyUtilities.EncodePrivateKey(key));
        return new SshKeyPair(Line("ssh-ed25519", key.GeneratePublicKey()), pem + "\n");
    }

    private static SshKeyPair GenerateEcdsa()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new SshKeyPair(Line("ecdsa-sha2-nistp256", PublicOf(key)), key.ExportECPrivateKeyPem() + "\n");
    }

    private static SshKeyPair GenerateRsa()
    {
        using var key = RSA.Create(RsaBits);
        return new SshKeyPair(Line("ssh-rsa", PublicOf(key)), key.ExportRSAPrivateKeyPem() + "\n");
    }

    private static AsymmetricKeyParameter PublicOf(AsymmetricAlgorithm key) => PublicKeyFactory.CreateKey(key.ExportSubjectPublicKeyInfo());

    private static string Line(string type, AsymmetricKeyParameter key) =>
        $"{type} {Convert.ToBase64String(OpenSshPublicKeyUtilities.EncodePublicKey(key))}\n";
}
