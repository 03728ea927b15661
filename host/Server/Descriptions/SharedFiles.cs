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
        var (response, client) = (http.Response, http.Response.Body);
        using var written = new MemoryStream();
        response.Body = written;
        try
        {
            await show(http); // Judges the request, and sets the headers.
        }
        finally
        {
            response.Body = client;
        }

        var file = response.StatusCode == StatusCodes.Status200OK && files.Count < MostFiles
            ? files.GetOrAdd((http.Request.Path.Value!, response.Headers.ContentEncoding.ToString()), _ => written.ToArray())
            : written.ToArray();
        for (var sent = 0; sent < file.Length; sent += PieceBytes)
        {
            await client.WriteAsync(file.AsMemory(sent, Math.Min(PieceBytes, file.Length - sent)), http.RequestAborted);
        }
    }
}
