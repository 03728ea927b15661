using Microsoft.AspNetCore.DataProtection;

namespace Modular.Preferences.Domain;

/// <summary>Makes key pairs in the queue of costly work, and encrypts the private half before anybody can store it.</summary>
internal sealed class SshKeyMaking(SshKeySettings settings, CostlyWork queue, IDataProtectionProvider protection)
{
    /// <summary>What binds the encryption to this use; with another purpose nothing of it can be read.</summary>
    internal const string Purpose = "Modular.Preferences.GitSshKey";

    internal Task<SealedSshKeyPair> MakeAsync(CancellationToken ct) => queue.RunAsync(
        () =>
        {
            var pair = SshKeyPair.Generate(settings.Algorithm);
            return new SealedSshKeyPair(pair.PublicKey, protection.CreateProtector(Purpose).Protect(pair.PrivateKey));
        },
        ct);
}
