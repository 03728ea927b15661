using System.Diagnostics;

namespace Modular.Tests.Operations;

internal static class DataFolder
{
    private static readonly Lazy<Task<DirectoryInfo>> used = new(MakeUsedAsync);

    /// <summary>An empty folder that the database's account can pass through, as it can in an ordinary checkout.</summary>
    internal static DirectoryInfo Make()
    {
        var folder = Directory.CreateTempSubdirectory("modular-data-");
        folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return folder;
    }

    /// <summary>
    /// Fills a folder with what a server leaves that has run once and has no user: making a database takes longer than most tests, which are
    /// about something else. Nothing has to reach the disk before it is answered, unless the test crashes something.
    /// </summary>
    internal static async Task FillAsync(this DirectoryInfo folder, bool crashes = false)
    {
        await RunAsync("cp", "--archive", "--reflink=auto", $"{(await used.Value).FullName}/.", folder.FullName);
        if (!crashes)
        {
            // In the file of ALTER SYSTEM, which counts more than what the server writes.
            await File.AppendAllTextAsync(
                Path.Combine(folder.FullName, "postgres/cluster/postgresql.auto.conf"), "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n");
        }
    }

    private static async Task<DirectoryInfo> MakeUsedAsync()
    {
        var folder = Make();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();
        return folder;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
