using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Modular.Tests.Api.Support;

/// <summary>A mail server that keeps what it is given. Mailboxes can refuse, or never answer.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentQueue<(string To, MimeMessage Message)> received = new();
    private readonly ConcurrentDictionary<string, bool> refusing = new();
    private readonly ConcurrentDictionary<string, bool> silent = new();
    private readonly Task accepting;

    internal SmtpSink()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    internal string Address => listener.LocalEndpoint.ToString()!;

    /// <summary>What clients called themselves, and what they logged in with.</summary>
    internal ConcurrentQueue<string> Greetings { get; } = new();

    internal IReadOnlyList<MimeMessage> To(string address) => [.. received.Where(mail => mail.To.Equals(address, StringComparison.OrdinalIgnoreCase)).Select(mail => mail.Message)];

    internal void Refuse(string address) => refusing[address] = true;

    internal void Accept(string address) => refusing.TryRemove(address, out _);

    internal void NeverAnswer(string address) => silent[address] = true;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await TalkAsync(client.GetStream());
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException)
            {
                // The client hung up, or the test is over.
            }
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var to = "";
        await SayAsync("220 sink");
        while (await reader.ReadLineAsync(stopping.Token) is { } line)
        {
            switch (line.Split(' ')[0].ToUpperInvariant())
            {
                case "EHLO":
                    Greetings.Enqueue(line);
                    await SayAsync("250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN");
                    break;
                case "AUTH":
                    Greetings.Enqueue(Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])));
                    await SayAsync("235 welcome");
                    break;
                case "RCPT":
                    to = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
                    if (silent.ContainsKey(to))
                    {
                        await Task.Delay(Timeout.Infinite, stopping.Token); // Never answers: it ends with the sink.
                    }

                    await SayAsync(refusing.ContainsKey(to) ? $"550 <{to}> does not live here" : "250 ok");
                    break;
                case "DATA":
                    await SayAsync("354 go on");
                    received.Enqueue((to, MimeMessage.Load(new MemoryStream(Encoding.Latin1.GetBytes(await ReadMessageAsync(reader))))));
                    await SayAsync("250 kept");
                    break;
                case "QUIT":
                    await SayAsync("221 bye");
                    return;
                default:
                    await SayAsync("250 ok");
                    break;
            }
        }

        async Task SayAsync(string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), stopping.Token);
    }

    private async Task<string> ReadMessageAsync(StreamReader reader)
    {
        var message = new StringBuilder();
        while (await reader.ReadLineAsync(stopping.Token) is { } line && line != ".")
        {
            message.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        return message.ToString();
    }
}
