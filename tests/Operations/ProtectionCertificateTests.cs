using System.Net;

namespace Modular.Tests.Operations;

/// <summary>The certificate that protects the database's keys: made once, private, and never replaced without a word.</summary>
public sealed class ProtectionCertificateTests : IDisposable
{
    private const string Key = "/api/v2/users/me/gitsshkey";

    private static readonly TimeSpan fewMinutes = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo folder = DataFolder.Make();

    private string Certificate => Path.Combine(folder.FullName, "protection.pfx");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Another_certificate_stops_the_start_until_the_former_one_is_named()
    {
        string session;
        await using (var server = ServerProcess.Start(folder.FullName))
        {
            using var client = await server.ReadyAsync();
            (session, _) = await ServerProcess.SetUpAsync(client);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Certificate));
        var former = Certificate + ".former";
        File.Move(Certificate, former);

        await using (var refused = ServerProcess.Start(folder.FullName))
        {
            await refused.EndedAsync(fewMinutes);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains($"modular: The certificate in {Certificate} does not open the protection keys", refused.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", refused.Output, StringComparison.Ordinal);
        }

        // The new one has been made by then: the rotation is to keep both for a while.
        await using (var rotated = ServerProcess.Start(folder.FullName, ("Modular__DataProtection__FormerCertificateFiles", former)))
        {
            using var client = await rotated.ReadyAsync();
            client.DefaultRequestHeaders.Add("Coder-Session-Token", session);
            Assert.Equal(HttpStatusCode.OK, (await client.PutAsync(Key, null)).StatusCode);
        }
    }

    [Fact]
    public async Task A_file_that_is_no_certificate_stops_the_start()
    {
        await folder.FillAsync();
        await File.WriteAllTextAsync(Certificate, "not one");
        File.SetUnixFileMode(Certificate, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var server = ServerProcess.Start(folder.FullName);

        await server.EndedAsync(fewMinutes);
        Assert.Equal(1, server.ExitCode);
        Assert.Contains($"modular: The certificate of the protection keys cannot be read from {Certificate}", server.Output, StringComparison.Ordinal);
        Assert.Equal("not one", await File.ReadAllTextAsync(Certificate));
    }
}
