using System.Diagnostics;

namespace Modular.Tests.Operations;

/// <summary>A data folder that another account could have changed, or whose secrets it can read, is not used.</summary>
public sealed class DataFolderFilesTests : IDisposable
{
    private readonly DirectoryInfo folder = DataFolder.Make();

    public static TheoryData<string, string, string> Flaws
    {
        get
        {
            var flaws = new TheoryData<string, string, string>
            {
                { "data", "chmod o+w data", "Other accounts may write to " },
                { "data", "chmod o+w .", "Other accounts may write to " },
                { "data/protection.pfx", "chmod o+r data/protection.pfx", "Other accounts may read " },
                { "data/protection.pfx", "chmod o+w data/protection.pfx", "Other accounts may write to " },
                { "data/postgres.password", "chmod 604 data/postgres.password", "Other accounts may read " },
                { "data/postgres.location", "echo $PWD/elsewhere > data/postgres.location; chmod 666 data/postgres.location", "Other accounts may write to " },
                { "data/plugins", "mkdir -m 777 data/plugins", "Other accounts may write to " },
                { "data/a-secret", "umask 022; echo x > kept; ln -s ../kept data/a-secret", "Other accounts may read " },
            };
            if (Environment.IsPrivilegedProcess)
            {
                flaws.Add("data/protection.pfx", "chown nobody data/protection.pfx", "belongs to another account");
                flaws.Add("data/protection.pfx", "chgrp games data/protection.pfx; chmod 640 data/protection.pfx", "Other accounts may read ");
            }

            return flaws;
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    [Theory, MemberData(nameof(Flaws))]
    public async Task Stops_the_start_with_one_sentence(string what, string flaw, string reason)
    {
        await ShAsync("mkdir -m 711 data; umask 077; touch data/protection.pfx data/postgres.password");
        await ShAsync(flaw);

        var (exitCode, said) = await ServerProcess.RunAsync(Path.Combine(folder.FullName, "data"), []);

        Assert.Equal(1, exitCode);
        var sentence = Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.StartsWith("warn", StringComparison.Ordinal));
        Assert.StartsWith("modular: ", sentence, StringComparison.Ordinal);
        Assert.Contains(reason, sentence, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(folder.FullName, what), sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.FullName, "data/postgres")));
    }

    [Fact]
    public async Task A_group_without_other_members_is_nobody_else()
    {
        // Of the account's own group, as a umask of 002 makes it, and of one that only a container knows.
        await ShAsync("umask 002; mkdir data; umask 007; touch data/protection.pfx; chmod g+w . data");
        if (Environment.IsPrivilegedProcess)
        {
            await ShAsync("chgrp 54321 data data/protection.pfx");
        }

        var (exitCode, said) = await ServerProcess.RunAsync(
            Path.Combine(folder.FullName, "data"), [], ("ConnectionStrings__Modular", "Host=127.0.0.1;Port=1;Database=none;Username=none"));

        Assert.Equal(1, exitCode);
        Assert.Contains("The database 'none' at 127.0.0.1:1 cannot be used", said, StringComparison.Ordinal);
    }

    private async Task ShAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = folder.FullName })!;
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }
}
