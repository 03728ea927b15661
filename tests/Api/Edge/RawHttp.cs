using System.Net.Sockets;
using System.Text;

namespace Modular.Tests.Api.Edge;

/// <summary>Speaks HTTP by hand, for what no client library would send.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    /// <summary>Sends the text as it is, says that nothing follows where asked to, and reads the answer, or until the server closes.</summary>
    internal static async Task<RawAnswer> ExchangeAsync(Uri address, string request, bool endAfterwards = false)
    {
        using var deadline = new CancellationTokenSource(patience);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, deadline.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), deadline.Token);
        if (endAfterwards)
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }

        using var answer = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            // A server that waits for the rest of a body it has refused does not close at once.
            while (!RawAnswer.IsWhole(answer.ToArray()) && await stream.ReadAsync(buffer, deadline.Token) is > 0 and var read)
            {
                answer.Write(buffer, 0, read);
            }
        }
        catch (IOException)
        {
            // The server cut the connection; what it said before counts.
        }

        return RawAnswer.Parse(Encoding.UTF8.GetString(answer.ToArray()));
    }

    /// <summary>The head of a POST of JSON, without the blank line that ends it.</summary>
    internal static string Post(string path, string framing) =>
        $"POST {path} HTTP/1.1\r\nHost: modular\r\nConnection: close\r\nContent-Type: application/json\r\n{framing}\r\n";
}

/// <param name="Status">Zero where the server closed without an answer.</param>
/// <param name="Head">Status line and headers.</param>
/// <param name="Body">As sent, chunk framing included.</param>
internal sealed record RawAnswer(int Status, string Head, string Body)
{
    private const string LengthHeader = "\r\nContent-Length: ";
    private const string EndOfHead = "\r\n\r\n";

    /// <summary>Whether as much of a body has come as the head announces. Without an announcement only the closing tells.</summary>
    internal static bool IsWhole(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var head = text.IndexOf(EndOfHead, StringComparison.Ordinal);
        var length = head < 0 ? -1 : text.IndexOf(LengthHeader, 0, head, StringComparison.OrdinalIgnoreCase);
        return length >= 0
            && bytes.Length >= head + EndOfHead.Length + int.Parse(
                text[(length + LengthHeader.Length)..].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    internal static RawAnswer Parse(string text)
    {
        var parts = text.Split("\r\n\r\n", 2);
        return parts[0].Split(' ') is [_, var status, ..]
            ? new RawAnswer(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), parts[0], parts[^1])
            : new RawAnswer(0, text, "");
    }
}
