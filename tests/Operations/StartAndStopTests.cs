using System.Net;
using System.Net.Sockets;

namespace Modular.Tests.Operations;

/// <summary>What an operator sees of a server that starts, cannot start, and stops.</summary>
public sealed class StartAndStopTests : IDisposable
{
    private static readonly TimeSpan fewMinutes = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo folder = DataFolder.Make();

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>That it takes at most ten seconds is for .ci/run, which runs nothing beside it.</summary>
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Stops_and_keeps_everything(string signal)
    {
        await folder.FillAsync();
        string session;
        await using (var server = ServerProcess.Start(folder.FullName))
        {
            using var client = await server.ReadyAsync();
            (session, _) = await ServerProcess.SetUpAsync(client);
            server.Signal(signal);
            await server.EndedAsync(fewMinutes);
            Assert.Equal(0, server.ExitCode);
        }

        Assert.Empty(folder.EnumerateFiles("postmaster.pid", SearchOption.AllDirectories));
        await using var again = ServerProcess.Start(folder.FullName);
        using var later = await again.ReadyAsync();
        later.DefaultRequestHeaders.Add("Coder-Session-Token", session);
        Assert.Equal(HttpStatusCode.OK, (await later.GetAsync("/api/v2/users/me")).StatusCode);
    }

    [Fact]
    public async Task Says_where_it_is_and_what_to_do_next()
    {
        await folder.FillAsync();
        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();

        Assert.Equal("OK", await client.GetStringAsync("/healthz"));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz")).StatusCode);
        Assert.Contains("/docs", server.Output, StringComparison.Ordinal);
        Assert.Contains(folder.FullName, server.Output, StringComparison.Ordinal);
        Assert.Contains("/api/v2/users/first", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_one_clear_sentence()
    {
        await folder.FillAsync();
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)holder.LocalEndpoint).Port}";

        await RefusesAsync(url, ("MODULAR_URLS", url));
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_one_clear_sentence()
    {
        var file = Path.Combine(folder.FullName, "a-file");
        await File.WriteAllTextAsync(file, "");

        await RefusesAsync("MODULAR_DATA", ("MODULAR_DATA", Path.Combine(file, "data")));
    }

    [Fact]
    public Task A_database_that_cannot_be_reached_is_one_clear_sentence() => RefusesAsync(
        "ConnectionStrings__Modular",
        ("ConnectionStrings__Modular", "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing"));

    [Fact]
    public Task A_setting_that_cannot_be_used_is_one_clear_sentence() =>
        RefusesAsync("Modular:Sessions:Duration", ("Modular__Sessions__Duration", "soon"));

    /// <summary>The loader takes a file of the name that it looks for from the folder that is named here, and cannot use it.</summary>
    [Fact]
    public async Task A_missing_library_of_Unicode_is_one_clear_sentence()
    {
        var broken = DataFolder.Make();
        try
        {
            foreach (var library in Directory.EnumerateDirectories("/usr/lib").Append("/usr/lib").SelectMany(place => Directory.EnumerateFiles(place, "libicuuc.so*")))
            {
                await File.WriteAllTextAsync(Path.Combine(broken.FullName, Path.GetFileName(library)), "");
            }

            await RefusesAsync("ICU", ("LD_LIBRARY_PATH", broken.FullName));
        }
        finally
        {
            broken.Delete(recursive: true);
        }
    }

    private async Task RefusesAsync(string named, params (string Name, string Value)[] environment)
    {
        await using var server = ServerProcess.Start(folder.FullName, environment);
        await server.EndedAsync(fewMinutes);

        Assert.Equal(1, server.ExitCode);
        var sentence = Assert.Single(server.Output.Split('\n'), line => line.StartsWith("modular: ", StringComparison.Ordinal));
        Assert.Contains(named, sentence, StringComparison.Ordinal);
        Assert.False(server.Output.Contains("   at ", StringComparison.Ordinal), server.Output);
    }
}
