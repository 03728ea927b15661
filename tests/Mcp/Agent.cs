using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Mcp;

/// <summary>An agent's client that is not ours: a Node process around the protocol's official SDK, see agent.mjs.</summary>
internal sealed class Agent : IAsyncDisposable
{
    /// <summary>The SDK that is in most clients; it speaks the revisions with an 'initialize'.</summary>
    internal const string V1 = "v1";

    /// <summary>The SDK of the revision 2026-07-28, which has no sessions and opens its stream by 'subscriptions/listen'.</summary>
    internal const string V2 = "v2";

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly Channel<JsonElement> answers = Channel.CreateUnbounded<JsonElement>();
    private readonly ConcurrentDictionary<string, Channel<JsonElement>> told = [];

    private Agent(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
    }

    /// <summary>What the server said of itself when the agent connected.</summary>
    internal JsonElement Server { get; private set; }

    internal static async Task<Agent> ConnectAsync(Uri server, string key, string generation = V1)
    {
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../"));
        var agent = new Agent(Process.Start(new ProcessStartInfo("node", [Path.Combine(folder, "agent.mjs"), $"{server}api/experimental/mcp", key, generation])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
        agent.Server = await agent.DoAsync("connect");
        return agent;
    }

    /// <summary>Does something that succeeds.</summary>
    internal async Task<JsonElement> DoAsync(string command, object? parameters = null)
    {
        var answer = await AnswerAsync(command, parameters);
        Assert.True(answer.TryGetProperty("result", out var result), $"{command}: {answer}");
        return result;
    }

    /// <summary>Does something that fails; gives code and message.</summary>
    internal async Task<JsonElement> FailAsync(string command, object? parameters = null)
    {
        var answer = await AnswerAsync(command, parameters);
        Assert.True(answer.TryGetProperty("failure", out var failure), $"{command} succeeded: {answer}");
        return failure;
    }

    /// <summary>Calls a tool.</summary>
    internal Task<JsonElement> CallAsync(string tool, object arguments) => DoAsync("callTool", new { name = tool, arguments });

    /// <summary>The next time that the agent is told of something, with what it then read.</summary>
    internal async Task<JsonElement> ToldAsync(string what)
    {
        using var ct = new CancellationTokenSource(patience);
        return await told.GetOrAdd(what, _ => Channel.CreateUnbounded<JsonElement>()).Reader.ReadAsync(ct.Token);
    }

    /// <summary>Waits until the agent has read a list that has the name, or has it no longer.</summary>
    internal async Task ToldUntilAsync(string what, string name, bool there)
    {
        while ((await ToldAsync(what)).GetProperty("names").EnumerateArray().Any(known => known.GetString() == name) != there)
        {
        }
    }

    /// <summary>Whether it has been told, until now, of anything.</summary>
    internal bool WasTold => told.Values.Any(channel => channel.Reader.Count > 0);

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<JsonElement> AnswerAsync(string command, object? parameters)
    {
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { command, parameters = parameters ?? new { } }));
        await process.StandardInput.FlushAsync();
        using var ct = new CancellationTokenSource(patience);
        return await answers.Reader.ReadAsync(ct.Token);
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            answers.Writer.TryComplete();
            return;
        }

        var said = JsonDocument.Parse(line).RootElement;
        if (said.TryGetProperty("told", out var what))
        {
            told.GetOrAdd(what.GetString()!, _ => Channel.CreateUnbounded<JsonElement>()).Writer.TryWrite(said);
        }
        else
        {
            answers.Writer.TryWrite(said);
        }
    }
}

/// <summary>The same server for the tests of this assembly.</summary>
[CollectionDefinition(Name)]
public sealed class AgentsApi : ICollectionFixture<ModularApi>
{
    public const string Name = "agents";
}
