using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Mcp;

/// <summary>
/// The protocol's own conformance suite, as far as it applies: its other scenarios call tools, prompts and resources that only a server
/// made for it has.
/// </summary>
[Collection(AgentsApi.Name)]
public sealed class ConformanceTests(ModularApi api)
{
    private static readonly string[] scenarios =
        ["server-initialize", "ping", "tools-list", "prompts-list", "resources-list", "logging-set-level", "dns-rebinding-protection"];

    [Fact]
    public async Task The_suite_finds_nothing()
    {
        // The suite is a page of the door's origin, for the one scenario that says where it comes from.
        var port = FreePort();
        await using var server = await api.StartAnotherAsync(new()
        {
            ["Modular:Experiments"] = "user-skills",
            ["Modular:AccessUrl"] = $"http://localhost:{port}",
        });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        await server.Client(owner.Session).WriteAsync(Skills.File("tidy"));
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../"));
        using var suite = Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(folder, "conformance.mjs"), $"{server.Address}api/experimental/mcp", owner.Session, port.ToString(CultureInfo.InvariantCulture), .. scenarios])
        {
            RedirectStandardOutput = true,
        })!;

        var said = await suite.StandardOutput.ReadToEndAsync();
        await suite.WaitForExitAsync();

        var results = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(scenarios, results.Select(result => result.GetProperty("scenario").GetString()));
        Assert.All(results, result => Assert.True(result.GetProperty("passed").GetBoolean(), result.GetProperty("said").GetString()));
        Assert.All(results, result => Assert.DoesNotContain("Passed: 0/", result.GetProperty("said").GetString(), StringComparison.Ordinal));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
