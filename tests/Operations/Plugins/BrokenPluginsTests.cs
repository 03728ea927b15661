using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Modular.Tests.Operations.Plugins;

/// <summary>One server with every broken plug-in at once, and two sound ones among them.</summary>
public sealed class ServerWithBrokenPlugins : IAsyncLifetime
{
    private readonly DirectoryInfo folder = DataFolder.Make();
    private ServerProcess? server;

    internal HttpClient Owner { get; private set; } = null!;

    internal string Log => server!.Output;

    internal Task SaysAsync(string text) => server!.SaysAsync(text);

    internal string Listed { get; private set; } = "";

    internal DirectoryInfo Data => folder;

    public async Task InitializeAsync()
    {
        string session;
        await folder.FillAsync();
        foreach (var plugin in BrokenPlugins.SoundBefore.Append(BrokenPlugins.Gone))
        {
            new PluginText(plugin).Drop(folder);
        }

        await using (var before = ServerProcess.Start(folder.FullName))
        {
            using var client = await before.ReadyAsync();
            (session, _) = await ServerProcess.SetUpAsync(client);
            await AskAsync("create schema somebody_elses");
            await AskAsync("insert into fromthefuture.migrations values ('99990101000000_Later', '99')");
        }

        PluginFolder.Make(folder, BrokenPlugins.Gone).Delete(recursive: true);

        PluginFolder.DropNotes(folder);
        (new PluginText("AaSound") with { Answer = "YamlDotNet.Own.Text" })
            .Drop(folder, ("YamlDotNet", "namespace YamlDotNet; public static class Own { public static string Text => \"its own library\"; }"));
        foreach (var (name, (drop, _)) in BrokenPlugins.All)
        {
            drop(name, folder);
        }

        server = ServerProcess.Start(folder.FullName, [.. BrokenPlugins.Settings, ("Modular__Experiments", "*")]);
        Owner = await server.ReadyAsync();
        Owner.DefaultRequestHeaders.Add("Coder-Session-Token", session);
        (_, Listed) = await ServerProcess.RunAsync(folder.FullName, ["plugins", "list"]);
    }

    public async Task DisposeAsync()
    {
        Owner?.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }

    /// <summary>Asks the built-in database.</summary>
    internal async Task<object?> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = Path.Combine(folder.FullName, "postgres", "socket"),
            Username = "modular",
            Database = "modular",
            Password = (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "postgres.password"))).Trim(),
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}

/// <summary>A plug-in that cannot be used is named with the reason, is not there, and keeps nothing else from working.</summary>
public sealed class BrokenPluginsTests(ServerWithBrokenPlugins server) : IClassFixture<ServerWithBrokenPlugins>
{
    public static TheoryData<string> Names => [.. BrokenPlugins.All.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task Is_left_off_with_the_reason(string plugin)
    {
        var reason = BrokenPlugins.All[plugin].Reason;
        await server.SaysAsync($"The plug-in {plugin} is left off: ");
        var said = Assert.Single(server.Log.Split('\n'), line => line.Contains($"The plug-in {plugin} is left off: ", StringComparison.Ordinal));
        Assert.True(said.Contains(reason, StringComparison.Ordinal), said);
        var listed = Assert.Single(server.Listed.Split('\n'), line => line.StartsWith(plugin + " ", StringComparison.Ordinal));
        Assert.Contains("left off: ", listed, StringComparison.Ordinal);
        Assert.Contains(reason, listed, StringComparison.Ordinal);

        var path = $"/api/experimental/{plugin.ToLowerInvariant()}/things";
        Assert.Equal(HttpStatusCode.NotFound, (await server.Owner.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Owner.GetAsync($"/api/v2/features/{plugin.ToLowerInvariant()}")).StatusCode);

        // What fails after its migrations has its schema, whole; what fails before has nothing.
        Assert.Equal(
            HasData(plugin), await server.AskAsync($"select exists (select from pg_namespace where nspname = '{plugin.ToLowerInvariant()}')"));
    }

    [Fact]
    public async Task Leaves_the_sound_ones_alone()
    {
        var features = await server.Owner.GetFromJsonAsync<JsonElement>("/api/v2/features");
        Assert.DoesNotContain("The plug-in AaSound", server.Log, StringComparison.Ordinal);
        Assert.Equal(["aasound", "notes", "user-skills"], features.EnumerateArray().Select(feature => feature.GetProperty("name").GetString()));
        Assert.Equal("its own library", await server.Owner.GetStringAsync("/api/experimental/aasound/things"));
        using var written = await server.Owner.PostAsJsonAsync("/api/experimental/users/me/notes", new { text = "Call Grace" });
        Assert.Equal(HttpStatusCode.Created, written.StatusCode);
        Assert.Matches("Notes +1.2.3 +notes +notes +runs", server.Listed);
    }

    [Fact]
    public Task Reacts_to_nothing() => DeletesAUserAsync(server.Owner);

    [Fact]
    public async Task Changes_nothing_that_is_not_its_own()
    {
        Assert.Equal(false, await server.AskAsync("select exists (select from information_schema.columns where column_name = 'foreign_migration')"));
        Assert.Equal(0L, await server.AskAsync("select count(*) from pg_class where relnamespace = 'somebody_elses'::regnamespace"));
        Assert.Equal(2L, await server.AskAsync("select count(*) from host.plugins where left_off is null and flag is not null and schema is not null and name <> 'AaGone'"));
        Assert.Equal(
            BrokenPlugins.All.Keys.Where(HasData).Order(StringComparer.Ordinal),
            (string[])(await server.AskAsync("""
                select array_agg(name order by name collate "C") from host.plugins where left_off is not null and (flag is not null or schema is not null)
                """))!);
    }

    [Fact]
    public void Of_another_contract_has_run_no_code() => Assert.False(File.Exists(BrokenPlugins.Trace(server.Data)));

    /// <summary>Every broken plug-in has a reaction to that, which throws.</summary>
    internal static async Task DeletesAUserAsync(HttpClient owner)
    {
        var organization = (await owner.GetFromJsonAsync<JsonElement>("/api/v2/users/me")).GetProperty("organization_ids")[0].GetGuid();
        using var created = await owner.PostAsJsonAsync(
            "/api/v2/users", new { username = "bob", email = "bob@example.com", password = "SomeSecurePassword!", organization_ids = new[] { organization } });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await owner.DeleteAsync("/api/v2/users/bob")).StatusCode);
    }

    private static bool HasData(string plugin) => BrokenPlugins.SoundBefore.Contains(plugin) || BrokenPlugins.All[plugin].Reason.Contains("fails to start", StringComparison.Ordinal);
}
