using System.Collections.Concurrent;
using System.Security.Cryptography;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Descriptions;

/// <summary>
/// Sends the files of a page in pieces, from one copy that all requests share. Their own handler writes a file as a whole, and the server
/// would hold it for each client until the client has read it.
/// </summary>
internal sealed class SharedFiles(RequestDelegate show)
{
    /// <summary>By what is in them (SHA-256), so that there are no more than the page has, whatever paths and encodings lead to them.</summary>
    private readonly ConcurrentDictionary<string, byte[]> files = new();

    internal async Task SendAsync(HttpContext http)
    {
        http.Request.Headers.Range = default; // A server may answer with the whole (RFC 9110, 14.2), which is what is shared.
        await http.Response.WritePiecesAsync(await AnswerAsync(http));
    }

    /// <summary>The body, once the page's own handler has judged the request and set the headers. What it wrote itself is let go.</summary>
    private async Task<byte[]> AnswerAsync(HttpContext http)
    {
        var (response, client) = (http.Response, http.Response.Body);
        using var written = new MemoryStream();
        response.Body = written;
        try
        {
            await show(http);
        }
        finally
        {
            response.Body = client;
        }

        // A short one is made for its request, from where the page lies; it is sent in one piece, and gone.
        var body = written.GetBuffer().AsSpan(0, (int)written.Length);
        return body.Length <= Pieces.Bytes
            ? body.ToArray()
            : files.GetOrAdd(Convert.ToHexString(SHA256.HashData(body)), (_, found) => found.ToArray(), written);
    }
}
