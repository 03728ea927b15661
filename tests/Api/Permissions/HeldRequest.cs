using System.Net.Sockets;
using System.Text;
using Modular.Tests.Api.Edge;

namespace Modular.Tests.Api.Permissions;

/// <summary>A request whose head has been judged and whose body has not been sent.</summary>
internal sealed class HeldRequest(TcpClient client, byte[] body) : IAsyncDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    internal static async Task<HeldRequest> BeginAsync(Uri address, HttpRequestMessage request, string key)
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var body = await request.Content!.ReadAsByteArrayAsync();
        var accept = string.Concat(request.Headers.Accept.Select(type => $"Accept: {type}\r\n"));
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"{request.Method} {request.RequestUri} HTTP/1.1\r\nHost: modular\r\nConnection: close\r\nCoder-Session-Token: {key}\r\n{accept}"
            + $"Content-Type: {request.Content.Headers.ContentType?.MediaType}\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n"));

        // The server asks for the body once the route wants it: everything that the head decides has been decided.
        var asked = new byte[Encoding.ASCII.GetByteCount("HTTP/1.1 100 Continue\r\n\r\n")];
        using var deadline = new CancellationTokenSource(patience);
        await client.GetStream().ReadExactlyAsync(asked, deadline.Token);
        Assert.StartsWith("HTTP/1.1 100", Encoding.ASCII.GetString(asked), StringComparison.Ordinal);
        return new HeldRequest(client, body);
    }

    internal async Task<RawAnswer> FinishAsync()
    {
        using var deadline = new CancellationTokenSource(patience);
        var stream = client.GetStream();
        await stream.WriteAsync(body, deadline.Token);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, deadline.Token);
        return RawAnswer.Parse(Encoding.UTF8.GetString(answer.ToArray()));
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
