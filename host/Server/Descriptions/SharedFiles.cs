using System.Collections.Concurrent;

namespace Modular.Host.Server.Descriptions;

/// <summary>
/// Sends the files of a page in pieces, from one copy that all requests share. Their own handler writes a file as a whole, and the server
/// would hold it for each client until the client has read it.
/// </summary>
internal sealed class SharedFiles(RequestDelegate show)
{
    internal const int PieceBytes = 16 * 1024;

    /// <summary>More than the page has, in each of its encodings.</summary>
    private const int MostFiles = 64;

    /// <summary>By path and encoding. What is not one of the page's files is not kept.</summary>
    private readonly ConcurrentDictionary<(string Path, string Encoding), byte[]> files = new();

    internal async Task SendAsync(HttpContext http)
    {
        var file = await AnswerAsync(http);
        for (var sent = 0; sent < file.Length; sent += PieceBytes)
        {
            await http.Response.Body.WriteAsync(file.AsMemory(sent, Math.Min(PieceBytes, file.Length - sent)), http.RequestAborted);
        }
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

        return response.StatusCode == StatusCodes.Status200OK && files.Count < MostFiles
            ? files.GetOrAdd((http.Request.Path.Value!, response.Headers.ContentEncoding.ToString()), _ => written.ToArray())
            : written.ToArray();
    }
}
