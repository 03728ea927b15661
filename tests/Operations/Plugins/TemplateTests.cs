using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Modular.Tests.Operations.Plugins;

/// <summary>The way of docs/writing-an-experiment.md, from the template to a server that runs with what came of it.</summary>
public sealed class TemplateTests : IDisposable
{
    private static readonly TimeSpan fewMinutes = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo folder = DataFolder.Make();
    private readonly DirectoryInfo work = Directory.CreateTempSubdirectory("modular-template-");

    public void Dispose()
    {
        folder.Delete(recursive: true);
        work.Delete(recursive: true);
    }

    [Fact]
    public async Task What_the_template_makes_builds_and_runs()
    {
        await folder.FillAsync();
        var hive = Path.Combine(work.FullName, "hive");
        await DotnetAsync("new", "install", Path.Combine(PluginFolder.Root.FullName, "templates/experiment"), "--debug:custom-hive", hive);
        await DotnetAsync("new", "modular-experiment", "--name", "TeamBookmarks", "--server", PluginFolder.Server, "--debug:custom-hive", hive);
        await DotnetAsync(
            "build", "TeamBookmarks", "--configuration", "Release", "--output", Path.Combine(folder.FullName, "plugins", "TeamBookmarks"),
            "-warnaserror", "-nodeReuse:false", "-property:UseSharedCompilation=false");

        await using var server = ServerProcess.Start(folder.FullName, ("Modular__Experiments", "team-bookmarks"));
        using var client = await server.ReadyAsync();
        var (session, _) = await ServerProcess.SetUpAsync(client);
        client.DefaultRequestHeaders.Add("Coder-Session-Token", session);

        await server.SaysAsync("Plug-ins: TeamBookmarks 0.1.0");
        const string Entries = "/api/experimental/users/me/team-bookmarks";
        using var added = await client.PostAsJsonAsync(Entries, new { text = "https://example.com" });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var listed = await client.GetFromJsonAsync<JsonElement>(Entries);
        Assert.Equal("https://example.com", Assert.Single(listed.EnumerateArray()).GetProperty("text").GetString());
        var log = await client.GetFromJsonAsync<JsonElement>("/api/v2/audit?q=resource_type:team_bookmarks_entry");
        Assert.Equal(1, log.GetProperty("count").GetInt32());
    }

    private async Task DotnetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = work.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name); // Of the build that runs this test.
        }

        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()).WaitAsync(fewMinutes);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, string.Concat(said));
    }
}
