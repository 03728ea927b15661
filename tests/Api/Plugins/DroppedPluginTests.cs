using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Plugins;

/// <summary>A server with the third party's plug-in in its folder.</summary>
public sealed class ServerWithNotes : IAsyncLifetime
{
    private readonly ModularApi api = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modular-plugins-");

    internal ModularApi.OtherServer Server { get; private set; } = null!;

    internal ApiUser Owner { get; private set; } = null!;

    internal Guid Organization { get; private set; }

    public async Task InitializeAsync()
    {
        await api.InitializeAsync();
        var notes = folder.CreateSubdirectory("Notes");
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(output.Parent!.Parent!.Parent!.Parent!.FullName, "Plugins/Notes/bin", output.Parent.Name, "net10.0")))
        {
            File.Copy(file, Path.Combine(notes.FullName, Path.GetFileName(file)));
        }

        Server = await api.StartAnotherAsync(new() { ["Modular:Plugins:Folder"] = folder.FullName, ["Modular:Notes:MaxPerUser"] = "2" });
        (Owner, Organization) = await ModularApi.SetUpAsync(Server.Client());
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await api.DisposeAsync();
        folder.Delete(recursive: true);
    }

    internal async Task TurnAsync(bool on)
    {
        using var owner = Server.Client(Owner.Session);
        await (await owner.PutAsJsonAsync("/api/v2/features/notes", new { enabled = on })).ShouldBeAsync(HttpStatusCode.OK);
    }

    internal async Task<ApiUser> RegisterUserAsync()
    {
        var username = "u" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        using var owner = Server.Client(Owner.Session);
        var created = await owner.PostAsJsonAsync(
            "/api/v2/users",
            new { username, email = $"{username}@example.com", password = ModularApi.Password, organization_ids = new[] { Organization } });
        var id = (await created.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        var login = await Server.Client().PostAsJsonAsync("/api/v2/users/login", new { email = $"{username}@example.com", password = ModularApi.Password });
        return new ApiUser(id, username, (await login.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("session_token").GetString()!);
    }

    internal async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(Server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>
/// A plug-in that was built elsewhere and dropped as a folder is an experiment like any other: hidden while it is off, and with routes,
/// permissions, scopes, audit entries, settings and a schema of its own while it is on.
/// </summary>
public sealed class DroppedPluginTests(ServerWithNotes notes) : IClassFixture<ServerWithNotes>
{
    private const string Path = "/api/experimental/users/me/notes";

    [Fact]
    public async Task Is_an_unknown_path_while_it_is_off_and_works_while_it_is_on()
    {
        await notes.TurnAsync(on: false);
        using var owner = notes.Server.Client(notes.Owner.Session);
        foreach (var caller in (HttpClient[])[owner, notes.Server.Client(), notes.Server.Client("no-key")])
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
            {
                Assert.Equal(await AskAsync(caller, method, "/api/experimental/users/me/nothing"), await AskAsync(caller, method, Path));
            }
        }

        await (await owner.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { "note:read" } }))
            .ShouldRefuseAsync(HttpStatusCode.BadRequest, "scopes");
        Assert.DoesNotContain("notes", await owner.GetStringAsync("/api/v2/experiments"), StringComparison.Ordinal);
        Assert.Contains("notes", await owner.GetStringAsync("/api/v2/experiments/available"), StringComparison.Ordinal);

        await notes.TurnAsync(on: true);
        await (await owner.GetAsync(Path)).ShouldBeAsync(HttpStatusCode.OK);
        await (await notes.Server.Client().GetAsync(Path)).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        Assert.Contains("notes", await owner.GetStringAsync("/api/v2/experiments"), StringComparison.Ordinal);
        Assert.DoesNotContain("notes", await owner.GetStringAsync("/openapi/v1.json"), StringComparison.OrdinalIgnoreCase);
        var described = await (await owner.GetAsync("/openapi/experimental.json")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.True(described.GetProperty("paths").TryGetProperty("/api/experimental/users/{user}/notes", out _));

        static async Task<(HttpStatusCode, string)> AskAsync(HttpClient caller, HttpMethod method, string path)
        {
            using var answer = await caller.SendAsync(new HttpRequestMessage(method, path));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Has_permissions_and_scopes_of_its_own()
    {
        await notes.TurnAsync(on: true);
        var user = await notes.RegisterUserAsync();
        using var member = notes.Server.Client(user.Session);
        await (await member.PostAsJsonAsync(Path, new { text = "Mine" })).ShouldBeAsync(HttpStatusCode.Created);

        using var other = notes.Server.Client((await notes.RegisterUserAsync()).Session);
        using var owner = notes.Server.Client(notes.Owner.Session);
        var theirs = $"/api/experimental/users/{user.Id}/notes";
        await (await other.GetAsync(theirs)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Equal(1, (await (await owner.GetAsync(theirs)).ShouldBeAsync(HttpStatusCode.OK)).GetArrayLength());
        await (await owner.PostAsJsonAsync(theirs, new { text = "Not mine" })).ShouldRefuseAsync(HttpStatusCode.Forbidden);

        using var made = await member.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { "note:read", "user:read" } });
        using var narrow = notes.Server.Client((await made.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("key").GetString());
        await (await narrow.GetAsync(Path)).ShouldBeAsync(HttpStatusCode.OK);
        await (await narrow.PostAsJsonAsync(Path, new { text = "Too narrow" })).ShouldRefuseAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Has_rules_settings_and_audit_entries_of_its_own()
    {
        await notes.TurnAsync(on: true);
        var user = await notes.RegisterUserAsync();
        using var member = notes.Server.Client(user.Session);
        using var owner = notes.Server.Client(notes.Owner.Session);

        await (await member.PostAsJsonAsync(Path, new { text = "" })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "text");
        var id = (await (await member.PostAsJsonAsync(Path, new { text = "One" })).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        await (await member.PostAsJsonAsync(Path, new { text = "Two" })).ShouldBeAsync(HttpStatusCode.Created);
        await (await member.PostAsJsonAsync(Path, new { text = "One too many" })).ShouldRefuseAsync(HttpStatusCode.Conflict);

        var log = await owner.GetFromJsonAsync<JsonElement>($"/api/v2/audit?q=resource_type:note%20resource_id:{id}");
        var entry = Assert.Single(log.GetProperty("audit_logs").EnumerateArray());
        Assert.Equal(user.Id, entry.GetProperty("user").GetProperty("id").GetGuid());
        Assert.Equal("One", entry.GetProperty("diff").GetProperty("text").GetProperty("new").GetString());
        var settings = await owner.GetStringAsync("/api/v2/deployment/config");
        Assert.Contains("Modular__Notes__MaxPerUser", settings, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hears_of_deleted_users_whether_it_is_on_or_off(bool on)
    {
        await notes.TurnAsync(on: true);
        var user = await notes.RegisterUserAsync();
        await (await notes.Server.Client(user.Session).PostAsJsonAsync(Path, new { text = "Soon gone" })).ShouldBeAsync(HttpStatusCode.Created);
        await notes.TurnAsync(on);

        using var owner = notes.Server.Client(notes.Owner.Session);
        await (await owner.DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(0L, await notes.AskAsync<long>($"select count(*) from notes.notes where user_id = '{user.Id}'"));
        Assert.True(await notes.AskAsync<bool>($"select deleted from notes.owners where user_id = '{user.Id}'"));
    }

    [Fact]
    public async Task Brings_a_tool_for_agents_that_is_there_while_it_is_on()
    {
        await notes.TurnAsync(on: true);
        var user = await notes.RegisterUserAsync();
        using var member = notes.Server.Client(user.Session);
        await (await member.PostAsJsonAsync(Path, new { text = "Told to an agent" })).ShouldBeAsync(HttpStatusCode.Created);

        Assert.Contains("list_notes", await AskAsync("tools/list", new { }), StringComparison.Ordinal);
        Assert.Contains("Told to an agent", await AskAsync("tools/call", new { name = "list_notes", arguments = new { } }), StringComparison.Ordinal);

        await notes.TurnAsync(on: false);
        using var gone = await member.PostAsJsonAsync("/api/experimental/mcp", new { jsonrpc = "2.0", id = 1, method = "tools/list" });
        await gone.ShouldRefuseAsync(HttpStatusCode.NotFound);

        async Task<string> AskAsync(string method, object parameters)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/experimental/mcp")
            {
                Content = JsonContent.Create(new { jsonrpc = "2.0", id = 1, method, @params = parameters }),
            };
            request.Headers.Add("Accept", "application/json, text/event-stream");
            request.Headers.Add("MCP-Protocol-Version", "2025-06-18");
            using var answer = await member.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Has_a_schema_with_a_history_of_its_own()
    {
        Assert.Equal(1L, await notes.AskAsync<long>("""select count(*) from notes.migrations where migration_id like '%\_Initial'"""));
        Assert.Equal("notes", await notes.AskAsync<string>("select schema from host.plugins where name = 'Notes' and left_off is null and flag = 'notes'"));
    }
}
