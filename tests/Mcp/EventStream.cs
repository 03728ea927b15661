using System.Net;
using System.Net.Http.Headers;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Mcp;

/// <summary>The stream of the older revisions as it comes over the wire.</summary>
internal sealed class EventStream(HttpClient client, HttpResponseMessage answer, StreamReader lines) : IAsyncDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    /// <summary>Opens it; the server has then begun to listen.</summary>
    internal static async Task<EventStream> OpenAsync(Uri server, string key)
    {
        var client = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/experimental/mcp");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Accept.Add(new("text/event-stream"));
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            await answer.ShouldBeAsync(HttpStatusCode.OK);
        }

        var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(": listening", await lines.ReadLineAsync());
        return new EventStream(client, answer, lines);
    }

    /// <summary>What was said until the stream ended by itself.</summary>
    internal async Task<IReadOnlyList<string>> ToEndAsync()
    {
        using var ct = new CancellationTokenSource(patience);
        var data = new List<string>();
        while (await lines.ReadLineAsync(ct.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data.Add(line);
            }
        }

        return data;
    }

    /// <summary>The next event.</summary>
    internal async Task<string> NextAsync()
    {
        using var ct = new CancellationTokenSource(patience);
        while (await lines.ReadLineAsync(ct.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return line["data: ".Length..];
            }
        }

        throw new InvalidOperationException("The stream has ended.");
    }

    public ValueTask DisposeAsync()
    {
        lines.Dispose();
        answer.Dispose();
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
