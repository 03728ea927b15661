using Microsoft.AspNetCore.Http;
using Modular.Host.Server.Descriptions;
using Modular.SharedKernel.Web;

namespace Modular.Tests.Unit.Host;

/// <summary>A client that does not read holds a piece of a page's file, and not a copy of it.</summary>
public sealed class SharedFilesTests
{
    private static readonly byte[] big = [.. Enumerable.Range(0, 1_000_001).Select(number => (byte)number)];

    private readonly SharedFiles files = new(async http =>
    {
        if (!http.Request.Path.Equals("/big.js", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            await http.Response.Body.WriteAsync("none"u8.ToArray());
            return;
        }

        http.Response.StatusCode = http.Request.Headers.Range.Count > 0 ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
        http.Response.ContentType = "text/javascript";
        await http.Response.Body.WriteAsync(big);
    });

    [Fact]
    public async Task A_file_is_sent_in_pieces_of_one_copy()
    {
        var (first, second) = (await SendAsync("/big.js"), await SendAsync("/big.js"));

        Assert.Equal(("text/javascript", 200), (first.Response.ContentType, first.Response.StatusCode));
        Assert.Equal(big, first.Pieces.SelectMany(piece => piece.ToArray()));
        Assert.All(first.Pieces, piece => Assert.InRange(piece.Length, 1, Pieces.Bytes));
        Assert.True(first.Pieces[0].Equals(second.Pieces[0]), "Another request was given another copy.");
    }

    [Fact]
    public async Task However_a_file_is_asked_for_there_is_one_copy()
    {
        string[] spellings =
        [
            .. Enumerable.Range(0, 1 << 5).Select(upper =>
                "/" + string.Concat("bigjs".Select((letter, place) => (upper >> place & 1) == 1 ? char.ToUpperInvariant(letter) : letter)).Insert(3, ".")),
        ];
        var answers = new List<(HttpResponse Response, List<ReadOnlyMemory<byte>> Pieces)>();
        foreach (var range in (string?[])[null, "bytes=0-", "bytes=0-999999"])
        {
            foreach (var spelling in spellings)
            {
                answers.Add(await SendAsync(spelling, range));
            }
        }

        Assert.Equal(96, answers.Count);
        Assert.All(answers, answer => Assert.Equal((200, big.Length), (answer.Response.StatusCode, answer.Pieces.Sum(piece => piece.Length))));
        Assert.All(answers, answer => Assert.True(answer.Pieces[0].Equals(answers[0].Pieces[0]), "Another request was given another copy."));
    }

    [Fact]
    public async Task What_is_no_file_is_answered_as_it_is()
    {
        var (response, pieces) = await SendAsync("/small.js");

        Assert.Equal((404, "none"), (response.StatusCode, System.Text.Encoding.ASCII.GetString(pieces.Single().Span)));
    }

    private async Task<(HttpResponse Response, List<ReadOnlyMemory<byte>> Pieces)> SendAsync(string path, string? range = null)
    {
        var http = new DefaultHttpContext();
        http.Request.Path = path;
        http.Request.Headers.Range = range;
        var client = new Client();
        http.Response.Body = client;
        await files.SendAsync(http);
        Assert.Same(client, http.Response.Body);
        return (http.Response, client.Pieces);
    }

    private sealed class Client : MemoryStream
    {
        internal List<ReadOnlyMemory<byte>> Pieces { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Pieces.Add(buffer);
            return ValueTask.CompletedTask;
        }
    }
}
