using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Modular.Host.Lifetime;
using Modular.Host.Persistence;
using Modular.SharedKernel.Settings;

namespace Modular.Host.Protection;

/// <summary>
/// What modules encrypt at rest, they encrypt with ASP.NET's data protection. Its keys are in the database, for all servers, and are
/// themselves encrypted with a certificate that is not; a new one comes into use every 90 days, and the former ones stay readable.
/// </summary>
internal static class DataProtection
{
    internal static void AddModularProtection(this IServiceCollection services)
    {
        services.AddSettings(ProtectionSettings.Read).AddSingleton<ProtectionCertificates>().AddSingleton<CertificateXmlEncryption>();
        services.AddOptions<KeyManagementOptions>().Configure<CertificateXmlEncryption>((options, encryption) => options.XmlEncryptor = encryption);
        services.AddDataProtection().SetApplicationName("Modular").PersistKeysToDbContext<HostDbContext>();
    }

    /// <summary>With a certificate that does not open them, stored keys would be replaced and what they encrypt be lost without a word.</summary>
    /// <exception cref="StartupException">A certificate, or with them a stored key, cannot be opened.</exception>
    internal static void CheckProtectionKeys(this IServiceProvider services)
    {
        var certificates = services.GetRequiredService<ProtectionCertificates>();
        certificates.Open();
        try
        {
            foreach (var key in services.GetRequiredService<IKeyManager>().GetAllKeys().Where(key => !key.IsRevoked))
            {
                key.CreateEncryptor();
            }
        }
        catch (CryptographicException)
        {
            throw new StartupException(
                $"The certificate in {certificates.File} does not open the protection keys in the database; "
                + "put the file there that other servers of this database use, or name a former one in DataProtection:FormerCertificateFiles.");
        }
    }
}
