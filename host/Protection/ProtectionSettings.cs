using Modular.SharedKernel.Settings;

namespace Modular.Host.Protection;

/// <summary>The certificate that the protection keys in the database are encrypted with; every server of the database needs it.</summary>
/// <param name="CertificateFile">PKCS#12; null for the one in the data folder.</param>
/// <param name="CertificatePassword">Of that file and the former ones.</param>
/// <param name="FormerCertificateFiles">They open what was encrypted before the certificate was changed.</param>
internal sealed record ProtectionSettings(string? CertificateFile, string? CertificatePassword, IReadOnlyList<string> FormerCertificateFiles)
{
    internal static ProtectionSettings Read(SettingsReader settings) => new(
        settings.Text("DataProtection:CertificateFile"),
        settings.Secret("DataProtection:CertificatePassword"),
        settings.List("DataProtection:FormerCertificateFiles"));

    /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
    public override string ToString() => nameof(ProtectionSettings);
}
