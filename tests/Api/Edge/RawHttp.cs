using System.Net.Sockets;
using System.Text;

namespace Modular.Api.Edge;

/// <summary>Speaks HTTP by hand, for what no client library would send.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    /// <summary>Sends the text as it is, says that nothing follows where asked to, and reads until the server closes.</summary>
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
        try
        {
            await stream.CopyToAsync(answer, deadline.Token);
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
    internal static RawAnswer Parse(string text)
    {
        var parts = text.Split("\r\n\r\n", 2);
        return parts[0].Split(' ') is [_, var status, ..]
            ? new RawAnswer(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), parts[0], parts[^1])
            : new RawAnswer(0, text, "");
    }
}
