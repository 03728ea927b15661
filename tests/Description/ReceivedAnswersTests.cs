using System.Diagnostics;
using System.Text.Json;

namespace Modular.Tests.Description;

/// <summary>
/// The API description against what the Api tests received, each answer of which they have held against it already. Runs after
/// them, by ./test.
/// </summary>
public sealed class ReceivedAnswersTests
{
    private static readonly string folder = Environment.GetEnvironmentVariable("MODULAR_RECEIVED")
        ?? throw new InvalidOperationException("These tests need what the Api tests received. Run ./test, which runs both.");

    [Fact]
    public void Each_status_of_each_operation_was_received_by_a_test()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "v1.json")));
        var received = File.ReadAllLines(Path.Combine(folder, "received"));
        Assert.Contains(received, answer => answer.EndsWith(" 500", StringComparison.Ordinal)); // A bug in each operation is not asked for.
        var described =
            from path in document.RootElement.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            from response in operation.Value.GetProperty("responses").EnumerateObject()
            where response.Name != "500"
            select $"{operation.Value.GetProperty("operationId").GetString()} {response.Name}";
        Assert.Empty(described.Except(received).Order());
    }

    [Fact]
    public async Task The_linter_has_nothing_to_say()
    {
        var project = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../"));
        using var linter = Process.Start(new ProcessStartInfo(
            Path.Combine(project, "node_modules/.bin/spectral"),
            ["lint", Path.Combine(folder, "v1.json"), "--ruleset", Path.Combine(project, ".spectral.yaml"), "--fail-severity", "hint"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = await Task.WhenAll(linter.StandardOutput.ReadToEndAsync(), linter.StandardError.ReadToEndAsync());
        await linter.WaitForExitAsync();
        Assert.True(linter.ExitCode == 0, string.Concat(said));
    }
}
