using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Modular.Host.Protection;

/// <summary>
/// Encrypts a protection key with the current certificate before it is stored. The framework's own registration wants the
/// certificate before any setting has been read, and hides what its decryption looks it up in; hence these two.
/// </summary>
internal sealed class CertificateXmlEncryption(ProtectionCertificates certificates, ILoggerFactory logs) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new CertificateXmlEncryptor(certificates.Current, logs).Encrypt(plaintextElement).EncryptedElement, typeof(CertificateXmlDecryption));
}

/// <summary>Decrypts a stored protection key with whichever certificate it names. Stored keys name this class.</summary>
internal sealed class CertificateXmlDecryption(IServiceProvider services) : IXmlDecryptor
{
    private readonly ProtectionCertificates certificates = services.GetRequiredService<ProtectionCertificates>();

    public XElement Decrypt(XElement encryptedElement)
    {
        var document = new XmlDocument();
        using (var reader = new XElement("root", encryptedElement).CreateReader())
        {
            document.Load(reader);
        }

        new EncryptedDocument(document, certificates).DecryptDocument();
        using var decrypted = new XmlNodeReader(document.DocumentElement!.FirstChild!);
        return XElement.Load(decrypted);
    }

    private sealed class EncryptedDocument(XmlDocument document, ProtectionCertificates certificates) : EncryptedXml(document)
    {
        public override byte[] DecryptEncryptedKey(EncryptedKey encryptedKey)
        {
            var named = encryptedKey.KeyInfo.OfType<KeyInfoX509Data>()
                .SelectMany(data => data.Certificates?.OfType<X509Certificate2>() ?? [])
                .Select(certificate => certificate.Thumbprint)
                .ToHashSet();
            using var key = certificates.All.FirstOrDefault(certificate => named.Contains(certificate.Thumbprint))?.GetRSAPrivateKey()
                ?? throw new CryptographicException("No configured certificate is the one that the protection key was encrypted with.");
            var oaep = encryptedKey.EncryptionMethod?.KeyAlgorithm == XmlEncRSAOAEPUrl;
            return DecryptKey(encryptedKey.CipherData.CipherValue!, key, oaep);
        }
    }
}
