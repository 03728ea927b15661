using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Modular.Tests.Operations.Plugins;

/// <summary>A plug-in goes with its folder, its data when the operator says so.</summary>
public sealed class RemovingAPluginTests : IDisposable
{
    private const string Path = "/api/experimental/users/me/notes";

    private readonly DirectoryInfo folder = DataFolder.Make();
    private string? session;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Its_data_stays_until_it_is_purged()
    {
        var notes = PluginFolder.DropNotes(folder);
        Assert.Matches("Notes +new: found at the next start", await ListAsync());
        await WithServerAsync(async client =>
        {
            Assert.Equal(HttpStatusCode.OK, (await client.PutAsJsonAsync("/api/v2/features/notes", new { enabled = true })).StatusCode);
            Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync(Path, new { text = "Call Grace" })).StatusCode);
            await RefusesAsync("Notes", "This plug-in is installed");

            // Its folder goes while the server that has read it still runs.
            notes.Delete(recursive: true);
            await RefusesAsync("Notes", "A server still runs with this plug-in");
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Path)).StatusCode);
        });

        await WithServerAsync(async client =>
        {
            var unknown = await client.GetStringOfAsync("/api/experimental/users/me/nothing");
            Assert.Equal(unknown, await client.GetStringOfAsync(Path));
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/v2/features/notes")).StatusCode);
            using var token = await client.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { "note:read" } });
            Assert.Equal(HttpStatusCode.BadRequest, token.StatusCode);
        });
        Assert.Matches("Notes +1.2.3 +notes +notes +removed: its data is kept until it is purged", await ListAsync());

        notes = PluginFolder.DropNotes(folder);
        await WithServerAsync(async client => Assert.Equal(1, (await client.GetFromJsonAsync<JsonElement>(Path)).GetArrayLength()));

        notes.Delete(recursive: true);
        var (exitCode, said) = await ServerProcess.RunAsync(folder.FullName, ["plugins", "purge", "Notes"]);
        Assert.Equal((0, "Notes is purged: its schema notes and all that was in it are gone."), (exitCode, said.Trim()));
        await RefusesAsync("Notes", "There is no removed plug-in of that name");

        PluginFolder.DropNotes(folder);
        await WithServerAsync(async client =>
        {
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(Path)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.PutAsJsonAsync("/api/v2/features/notes", new { enabled = true })).StatusCode);
            Assert.Equal(0, (await client.GetFromJsonAsync<JsonElement>(Path)).GetArrayLength());
            var entries = (await client.GetFromJsonAsync<JsonElement>("/api/v2/audit?q=action:delete%20resource_type:feature")).GetProperty("audit_logs");
            Assert.Equal("notes", Assert.Single(entries.EnumerateArray()).GetProperty("resource_target").GetString());
        });
    }

    [Fact]
    public async Task Only_a_removed_plugin_is_purged()
    {
        await RefusesAsync("Nothing", "There is no database yet");
        await WithServerAsync(async _ =>
        {
            foreach (var name in (string[])["UserSkills", "userskills", "Users", "Host"])
            {
                await RefusesAsync(name, "This module is part of the server");
            }

            await RefusesAsync("users.users", "There is no removed plug-in of that name");
        });
        await RefusesAsync("Nothing", "There is no removed plug-in of that name");
    }

    [Theory]
    [InlineData("plugins")]
    [InlineData("plugins", "purge")]
    [InlineData("plugins", "delete", "Notes")]
    public async Task What_is_no_command_is_answered_with_those_that_are(params string[] arguments)
    {
        var (exitCode, said) = await ServerProcess.RunAsync(folder.FullName, arguments);

        Assert.Equal((1, "modular: Write: ./run plugins list, or: ./run plugins purge NAME."), (exitCode, said.Trim()));
    }

    private async Task WithServerAsync(Func<HttpClient, Task> visit)
    {
        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();
        session ??= (await ServerProcess.SetUpAsync(client)).Session;
        client.DefaultRequestHeaders.Add("Coder-Session-Token", session);
        await visit(client);
    }

    private async Task<string> ListAsync()
    {
        var (exitCode, said) = await ServerProcess.RunAsync(folder.FullName, ["plugins", "list"]);
        Assert.Equal(0, exitCode);
        return said;
    }

    private async Task RefusesAsync(string plugin, string reason)
    {
        var (exitCode, said) = await ServerProcess.RunAsync(folder.FullName, ["plugins", "purge", plugin]);

        Assert.Equal(1, exitCode);
        var sentence = Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("modular: ", sentence, StringComparison.Ordinal);
        Assert.Contains(reason, sentence, StringComparison.Ordinal);
    }
}

internal static class Answers
{
    /// <summary>The body, whatever the status.</summary>
    internal static async Task<string> GetStringOfAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }
}
