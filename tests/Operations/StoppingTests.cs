using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Modular.Tests.Operations;

/// <summary>A server that is told to stop ends in order, whatever it is at, and leaves nothing running.</summary>
public sealed class StoppingTests : IDisposable
{
    private static readonly TimeSpan nineSeconds = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan fewMinutes = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan glance = TimeSpan.FromMilliseconds(1);

    private readonly DirectoryInfo folder = DataFolder.Make();

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>One start after the other, each of which comes further than the one before it.</summary>
    [Fact]
    public async Task A_start_that_is_interrupted_leaves_nothing_running()
    {
        await InterruptAsync("TERM", "lock");
        await InterruptAsync("INT", "postgres/password.new");
        await InterruptAsync("TERM", "postgres/cluster.new/PG_VERSION");
        await InterruptAsync("INT", "postgres/cluster.new/global/pg_control");
        await InterruptAsync("TERM", "postgres/cluster.new/base/1/PG_VERSION");
        await InterruptAsync("INT", "postgres/cluster/modular.conf");
        await InterruptAsync("TERM", "postgres/cluster/postmaster.pid");
        await InterruptAsync("INT", "postgres/cluster/postmaster.pid");
        await InterruptAsync("HUP", "postgres/socket/.s.PGSQL.5432");
        await InterruptAsync("INT", "postgres/socket/.s.PGSQL.5432");
        await InterruptAsync("TERM", "protection.pfx");

        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();
        await ServerProcess.SetUpAsync(client);
    }

    /// <summary>A database that was cut off has to recover before it accepts connections.</summary>
    [Fact]
    public async Task A_recovery_that_is_interrupted_leaves_nothing_running()
    {
        await folder.FillAsync(crashes: true);
        await using (var server = ServerProcess.Start(folder.FullName))
        {
            using var client = await server.ReadyAsync();
            await ServerProcess.SetUpAsync(client);
            server.Signal("KILL");
            await server.EndedAsync(fewMinutes);
            ServerProcess.Send("KILL", ServerProcess.DatabaseProcess(folder));
        }

        await InterruptAsync("TERM", "postgres/cluster/postmaster.pid");

        await using var again = ServerProcess.Start(folder.FullName);
        using var later = await again.ReadyAsync();
        Assert.NotEmpty(await ServerProcess.LogInAsync(later));
    }

    [Fact]
    public async Task Requests_in_flight_have_ten_seconds_and_do_not_keep_the_server_from_ending()
    {
        await folder.FillAsync();
        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();
        using var finishing = await HalfARequest.SendAsync(client.BaseAddress!);
        using var hanging = await HalfARequest.SendAsync(client.BaseAddress!);

        server.Signal("TERM");
        var sinceTold = Stopwatch.StartNew();
        await server.SaysAsync("Stopping: no new requests");

        Assert.StartsWith("HTTP/1.1 201", await finishing.FinishAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 201", await hanging.EndAsync(), StringComparison.Ordinal);
        Assert.True(sinceTold.Elapsed >= nineSeconds, $"Cut after {sinceTold.Elapsed}.");
        await server.EndedAsync(fewMinutes);
        Assert.Equal(0, server.ExitCode);
        Assert.Empty(ProcessesOf(folder));
    }

    /// <summary>
    /// Starts a server, and tells it to stop as soon as it, or what it has started, has written a file. Ctrl-C goes to all processes of a
    /// terminal.
    /// </summary>
    private async Task InterruptAsync(string signal, string whenItWrites)
    {
        var file = new FileInfo(Path.Combine(folder.FullName, whenItWrites));
        var before = file.Exists ? file.LastWriteTimeUtc : DateTime.MinValue;
        await using var server = ServerProcess.Start(["setsid", "dotnet", ServerProcess.Program], folder.FullName);
        using var deadline = new CancellationTokenSource(fewMinutes);
        using var timer = new PeriodicTimer(glance);
        do
        {
            Assert.True(await timer.WaitForNextTickAsync(deadline.Token));
            file.Refresh();
        }
        while (!file.Exists || file.LastWriteTimeUtc == before);

        server.Signal(signal, wholeGroup: signal == "INT");
        await server.EndedAsync(fewMinutes);

        Assert.True(server.ExitCode == 0, $"{server.ExitCode}: {server.Output}");
        Assert.Empty(ProcessesOf(folder));
    }

    /// <summary>Every process that was started with the folder's path, or works in it. What has ended and was not looked at has neither.</summary>
    private static string[] ProcessesOf(DirectoryInfo folder) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), out _))
            .Select(process => $"{Path.GetFileName(process)} {Of(() => File.ReadAllText($"{process}/cmdline"))} {Of(() => new DirectoryInfo($"{process}/cwd").LinkTarget)}")
            .Where(process => process.Contains(folder.FullName, StringComparison.Ordinal)),
    ];

    private static string? Of(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A request whose handler waits for the rest of the body.</summary>
    private sealed class HalfARequest(TcpClient connection) : IDisposable
    {
        private const string Body = """{"email":"owner@example.com","username":"owner","password":"SomeSecurePassword!"}""";

        internal static async Task<HalfARequest> SendAsync(Uri address)
        {
            var connection = new TcpClient();
            await connection.ConnectAsync(address.Host, address.Port);
            var request = new HalfARequest(connection);
            await request.WriteAsync(
                $"POST /api/v2/users/first HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + $"Content-Length: {Body.Length}\r\nExpect: 100-continue\r\n\r\n");

            // The handler has asked for the body.
            var answer = new byte[64];
            var length = await connection.GetStream().ReadAsync(answer);
            Assert.StartsWith("HTTP/1.1 100", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
            await request.WriteAsync(Body[..10]);
            return request;
        }

        internal async Task<string> FinishAsync()
        {
            await WriteAsync(Body[10..]);
            return await EndAsync();
        }

        /// <summary>What is answered until the connection ends.</summary>
        internal async Task<string> EndAsync()
        {
            var answer = new MemoryStream();
            try
            {
                await connection.GetStream().CopyToAsync(answer).WaitAsync(fewMinutes);
            }
            catch (IOException)
            {
                // Cut.
            }

            return Encoding.UTF8.GetString(answer.ToArray());
        }

        public void Dispose() => connection.Dispose();

        private async Task WriteAsync(string text) => await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
    }
}
