using System.Net.Sockets;
using System.Text;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Edge;

/// <summary>How many connections one address may keep open, whatever it sends on them.</summary>
[Collection(SecondApi.Name)]
public sealed class ConnectionsTests(ModularApi api)
{
    private const int Most = 3;

    [Fact]
    public async Task One_too_many_is_closed_and_one_that_ends_makes_room()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:ConnectionsPerAddress"] = $"{Most}" }, sameDatabase: true);
        var open = new List<TcpClient>();
        for (var number = 0; number < Most; number++)
        {
            open.Add(await ConnectAsync(server.Address));
            Assert.True(await IsServedAsync(open[^1]));
        }

        using (var oneTooMany = await ConnectAsync(server.Address))
        {
            Assert.False(await IsServedAsync(oneTooMany));
        }

        Assert.True(await IsServedAsync(open[0]));
        open[0].Dispose();
        await People.EventuallyAsync(async () =>
        {
            using var next = await ConnectAsync(server.Address);
            return await IsServedAsync(next);
        });
        open.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task A_trusted_proxy_has_any_number()
    {
        await using var server = await api.StartAnotherAsync(
            new() { ["Modular:Limits:ConnectionsPerAddress"] = "1", ["Modular:Proxy:TrustedOrigins"] = "127.0.0.0/8" }, sameDatabase: true);
        using var one = await ConnectAsync(server.Address);
        using var two = await ConnectAsync(server.Address);

        Assert.True(await IsServedAsync(one));
        Assert.True(await IsServedAsync(two));
    }

    private static async Task<TcpClient> ConnectAsync(Uri address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        return client;
    }

    private static async Task<bool> IsServedAsync(TcpClient connection)
    {
        try
        {
            var stream = connection.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
            var answer = new byte[12];
            return await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false) == answer.Length && await EndsAsync(stream);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The rest of the answer, whose body is two letters.</summary>
    private static async Task<bool> EndsAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var piece = new byte[1024];
        while (!text.ToString().EndsWith("OK", StringComparison.Ordinal))
        {
            var length = await stream.ReadAsync(piece);
            if (length == 0)
            {
                return false;
            }

            text.Append(Encoding.ASCII.GetString(piece, 0, length));
        }

        return true;
    }
}
