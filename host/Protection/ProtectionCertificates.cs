using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Modular.Host.Lifetime;
using Modular.Host.Persistence;

namespace Modular.Host.Protection;

/// <summary>
/// The certificates, opened at start. A missing current one is made: by the first of several servers that start at once,
/// and the others take that one.
/// </summary>
internal sealed class ProtectionCertificates(ProtectionSettings settings, IConfiguration configuration, TimeProvider clock) : IDisposable
{
    private const string FileName = "protection.pfx";
    private const int KeyBits = 3072;

    /// <summary>The date of a certificate that only encrypts for its own holder is never checked, so that it does not end by itself.</summary>
    private const int YearsValid = 100;

    /// <summary>Where the current one is.</summary>
    internal string File { get; } = settings.CertificateFile ?? Path.Combine(ModularDatabase.DataFolderOf(configuration), FileName);

    /// <summary>What new protection keys are encrypted with.</summary>
    internal X509Certificate2 Current => All[0];

    /// <summary>What stored keys may be encrypted with, the current one first.</summary>
    internal IReadOnlyList<X509Certificate2> All { get; private set; } = [];

    /// <summary>Opens them all, before anything is protected.</summary>
    /// <exception cref="StartupException">One cannot be read, or the current one cannot be made.</exception>
    internal void Open()
    {
        if (!System.IO.File.Exists(File))
        {
            Make();
        }

        All = [.. settings.FormerCertificateFiles.Prepend(File).Select(Read)];
    }

    public void Dispose()
    {
        foreach (var certificate in All)
        {
            certificate.Dispose();
        }
    }

    private X509Certificate2 Read(string file)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, settings.CertificatePassword);
            using var key = certificate.GetRSAPrivateKey();
            return key is not null
                ? certificate
                : throw new StartupException($"The file {file} has no RSA certificate with its private key, which the protection keys need (DataProtection:CertificateFile).");
        }
        catch (Exception refused) when (refused is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The certificate of the protection keys cannot be read from {file}: {refused.Message.TrimEnd('.')}; it must be PKCS#12 and open with DataProtection:CertificatePassword, or without a password where none is set.");
        }
    }

    private void Make()
    {
        using var key = RSA.Create(KeyBits);
        var now = clock.GetUtcNow();
        var request = new CertificateRequest("CN=Modular protection keys", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(now, now.AddYears(YearsValid));
        var unfinished = $"{File}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        try
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(Path.GetFullPath(File))!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using (var stream = new FileStream(unfinished, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                stream.Write(certificate.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, settings.CertificatePassword));
                stream.Flush(flushToDisk: true);
            }

            System.IO.File.Move(unfinished, File, overwrite: false);
        }
        catch (IOException) when (System.IO.File.Exists(File))
        {
            System.IO.File.Delete(unfinished); // Another server was sooner.
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The certificate of the protection keys cannot be made in {File}: {refused.Message.TrimEnd('.')}; make the folder writable, or set DataProtection:CertificateFile.");
        }
    }
}
