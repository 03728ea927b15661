using Microsoft.AspNetCore.DataProtection;

namespace Modular.Users.Mails;

/// <summary>Encrypts what a waiting mail must not show to a reader of the database; it is opened when the mail is sent.</summary>
internal sealed class MailSecrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("Modular.Users.Mails");

    internal string Seal(string text) => protector.Protect(text);

    /// <exception cref="System.Security.Cryptography.CryptographicException">It was not sealed with a key of this server.</exception>
    internal string Open(string text) => protector.Unprotect(text);
}
