using Microsoft.AspNetCore.Http;

namespace Modular.SharedKernel.Web;

/// <summary>Bodies that are there as a whole, sent in pieces.</summary>
public static class Pieces
{
    /// <summary>As much as the server copies at once.</summary>
    public const int Bytes = 16 * 1024;

    /// <summary>
    /// Sends a body piece by piece: what is written at once, the server copies and holds until the client has read it, and a client that
    /// reads slowly may take as long as a whole body takes at the least rate.
    /// </summary>
    public static async Task WritePiecesAsync(this HttpResponse response, ReadOnlyMemory<byte> body)
    {
        for (var sent = 0; sent < body.Length; sent += Bytes)
        {
            await response.Body.WriteAsync(body.Slice(sent, Math.Min(Bytes, body.Length - sent)), response.HttpContext.RequestAborted);
        }
    }
}
