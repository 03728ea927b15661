using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Server;
using Modular.Host;
using Modular.Host.Startup;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Mcp;

/// <summary>An experiment brings tools of its own, which stand beside those of others while it is on and the key holds its permission.</summary>
[Collection(AgentsApi.Name)]
public sealed class AnotherExperimentsToolsTests(ModularApi api) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modular-tools-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Each_caller_sees_the_tools_of_what_is_on_and_in_the_keys_scopes()
    {
        await using var app = await ServeAsync();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/");
        var (owner, _) = await ModularApi.SetUpAsync(new HttpClient { BaseAddress = address });
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("Coder-Session-Token", owner.Session);
        await TurnAsync("echo", on: true);

        // The path is there although the skills are off; nothing of theirs is.
        await using var whole = await Agent.ConnectAsync(address, owner.Session, Agent.V2);
        Assert.Equal(["echo"], (await whole.DoAsync("listTools")).Names("tools"));
        Assert.Equal($"{owner.Username}: hello", (await whole.CallAsync("echo", new { text = "hello" })).Text());
        Assert.Empty((await whole.DoAsync("listPrompts")).Names("prompts"));
        Assert.False(whole.Server.GetProperty("capabilities").TryGetProperty("extensions", out var extensions) && extensions.EnumerateObject().Any());
        await whole.FailAsync("callTool", new { name = "read_skill", arguments = new { name = "x" } });

        // The skills are switched on: who listens is told of the tools that have come.
        await TurnAsync("user-skills", on: true);
        await whole.ToldUntilAsync("tools", "read_skill", there: true);
        Assert.Equal(["echo", "list_skills", "read_skill"], (await whole.DoAsync("listTools")).Names("tools").Order());

        // A key that holds one of the permissions sees what it opens, and is told of nothing else.
        await using var reading = await Agent.ConnectAsync(address, await KeyAsync("user_skill:read"), Agent.V2);
        await using var echoing = await Agent.ConnectAsync(address, await KeyAsync("echo:use"), Agent.V2);
        Assert.Equal(["list_skills", "read_skill"], (await reading.DoAsync("listTools")).Names("tools").Order());
        Assert.Equal(["echo"], (await echoing.DoAsync("listTools")).Names("tools"));
        await client.WriteAsync(Skills.File("tidy"));
        await reading.ToldUntilAsync("prompts", "tidy", there: true);
        Assert.False(echoing.WasTold);

        // One experiment off ends the streams that saw nothing else.
        await TurnAsync("echo", on: false);
        Assert.Equal("graceful", (await echoing.ToldAsync("closed")).GetProperty("why").GetString());
        await whole.ToldUntilAsync("tools", "echo", there: false);
        Assert.Contains("user_skill:read", (await echoing.FailAsync("listTools")).GetProperty("message").GetString(), StringComparison.Ordinal);
        await TurnAsync("user-skills", on: false);
        Assert.Contains("Route not found", (await echoing.FailAsync("listTools")).GetProperty("message").GetString(), StringComparison.Ordinal);

        async Task TurnAsync(string experiment, bool on)
        {
            using var switched = await client.PutAsJsonAsync($"/api/v2/features/{experiment}", new { enabled = on });
            await switched.ShouldBeAsync(HttpStatusCode.OK);
        }

        async Task<string> KeyAsync(string scope)
        {
            using var made = await client.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { scope } });
            return (await made.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("key").GetString()!;
        }
    }

    private async Task<WebApplication> ServeAsync()
    {
        var app = ModularServer.Build(
            [.. (await api.NewDatabaseAsync()).Arguments, "--urls", "http://127.0.0.1:0", "--MODULAR_DATA", folder.FullName, "--Logging:LogLevel:Default", "None"],
            [.. ModuleCatalog.All, new EchoModule()]);
        await app.Services.PrepareAsync(CancellationToken.None);
        await app.StartAsync();
        return app;
    }

    /// <summary>The smallest experiment that brings a tool.</summary>
    private sealed class EchoModule : IExperimentalModule
    {
        private static readonly Permission use = new("echo", "use");

        public string Name => "Echo";

        public string Schema => "echo";

        public string FeatureFlag => "echo";

        public string Title => "Echo";

        public string Description => "Says what was said.";

        public IReadOnlyList<string> RoutePatterns => [];

        public IReadOnlyList<Grant> Grants => [new(SiteRole.Member, Reach.Own, new Permission("echo", "use"))];

        public IReadOnlyList<Scope> Scopes => [.. Scope.Of(new Permission("echo", "use"))];

        public void AddServices(IServiceCollection services) => services.AddMcpTools(
            FeatureFlag,
            use,
            McpServerTool.Create(
                (string text, IServiceProvider request) => $"{request.GetRequiredService<ICurrentUser>().Required.Username}: {text}",
                new McpServerToolCreateOptions { Name = "echo" }));
    }
}
