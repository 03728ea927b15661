using System.Diagnostics;
using Modular.Preferences.Domain;

namespace Modular.Tests.Unit.Preferences;

/// <summary>Keys made here, in the hands of the real OpenSSH and Git.</summary>
public sealed class SshKeyPairTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modular-ssh-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("ed25519", "OPENSSH PRIVATE KEY", "ssh-ed25519", "256 SHA256:", "(ED25519)")]
    [InlineData("ecdsa", "EC PRIVATE KEY", "ecdsa-sha2-nistp256", "256 SHA256:", "(ECDSA)")]
    [InlineData("rsa4096", "RSA PRIVATE KEY", "ssh-rsa", "4096 SHA256:", "(RSA)")]
    public void OpenSsh_reads_both_halves_and_Git_signs_with_them(string algorithm, string label, string type, string size, string kind)
    {
        var pair = SshKeyPair.Generate(algorithm);

        Assert.Matches($@"\A{type} [A-Za-z0-9+/]+=*\n\z", pair.PublicKey);
        Assert.StartsWith($"-----BEGIN {label}-----\n", pair.PrivateKey, StringComparison.Ordinal);
        Assert.EndsWith($"-----END {label}-----\n", pair.PrivateKey, StringComparison.Ordinal);

        var key = Write("key", pair.PrivateKey);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite); // ssh refuses one that others can read.
        Assert.Equal(pair.PublicKey.Trim(), Run("ssh-keygen", "-y", "-P", "", "-f", key).Trim());
        var fingerprint = Run("ssh-keygen", "-l", "-f", Write("key.pub", pair.PublicKey));
        Assert.StartsWith(size, fingerprint, StringComparison.Ordinal);
        Assert.EndsWith(kind, fingerprint.Trim(), StringComparison.Ordinal);

        var allowed = Write("allowed", $"jane@example.com {pair.PublicKey}");
        Git("init", "-q");
        Git("-c", "gpg.format=ssh", "-c", $"user.signingkey={key}", "-c", "user.name=Jane", "-c", "user.email=jane@example.com", "commit", "-q", "--allow-empty", "-S", "-m", "Signed");
        Assert.Equal("G jane@example.com", Git("-c", "gpg.format=ssh", "-c", $"gpg.ssh.allowedSignersFile={allowed}", "log", "-1", "--format=%G? %GS").Trim());

        var another = Write("another", $"jane@example.com {SshKeyPair.Generate("ed25519").PublicKey}");
        Assert.NotEqual("G", Git("-c", "gpg.format=ssh", "-c", $"gpg.ssh.allowedSignersFile={another}", "log", "-1", "--format=%G?").Trim());
    }

    [Fact]
    public void Two_are_never_the_same() =>
        Assert.NotEqual(SshKeyPair.Generate("ed25519").PublicKey, SshKeyPair.Generate("ed25519").PublicKey);

    [Fact]
    public void Printing_one_tells_no_secret()
    {
        var pair = SshKeyPair.Generate("ed25519");
        Assert.Equal(pair.PublicKey, pair.ToString());
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    private string Git(params string[] arguments) => Run("git", ["-C", folder.FullName, .. arguments]);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }
}
