using Modular.SharedKernel.Settings;

namespace Modular.Preferences.Domain;

/// <summary>What kind of Git SSH keys are made from now on.</summary>
internal sealed record SshKeySettings(string Algorithm)
{
    internal static SshKeySettings Read(SettingsReader settings) =>
        new(settings.Choice("SshKeys:Algorithm", SshKeyPair.Ed25519, SshKeyPair.Ed25519, SshKeyPair.Ecdsa, SshKeyPair.Rsa4096));
}
