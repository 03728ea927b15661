using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Testing;

namespace Modular.Tests.Operations;

/// <summary>The server is killed in the middle of its work, again and again. Nothing that it acknowledged may be lost.</summary>
public sealed class CrashTests
{
    private const int WritersPerRound = 8;
    private const int AcknowledgedPerRound = 40;

    private static readonly int rounds = Thorough.Times(10, byDefault: 4);

    [Fact]
    public async Task Every_acknowledged_write_survives_a_kill_with_exactly_one_audit_entry()
    {
        var folder = DataFolder.Make();
        await folder.FillAsync(crashes: true);
        var acknowledged = new ConcurrentBag<string>();
        var server = ServerProcess.Start(folder.FullName);
        var client = await server.ReadyAsync();
        var (session, organization) = await ServerProcess.SetUpAsync(client);

        for (var round = 0; round < rounds; round++)
        {
            await KillUnderLoadAsync(server, client, session, organization, round, acknowledged);
            if (round % 2 == 1)
            {
                ServerProcess.Send("KILL", ServerProcess.DatabaseProcess(folder));
            }

            await server.DisposeAsync();
            client.Dispose();
            server = ServerProcess.Start(folder.FullName);
            client = await server.ReadyAsync();
            client.DefaultRequestHeaders.Add("Coder-Session-Token", session);

            var written = await WrittenAsync(client);
            var recorded = await RecordedAsync(client);
            Assert.Equal(written.Order(), recorded.Order());
            Assert.Empty(acknowledged.Except(written));
        }

        Assert.True(acknowledged.Count >= rounds * AcknowledgedPerRound);
        client.Dispose();
        await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    /// <summary>Writers make tokens and users as fast as they can; after some acknowledgements the server is killed with the rest in flight.</summary>
    private static async Task KillUnderLoadAsync(
        ServerProcess server, HttpClient client, string session, Guid organization, int round, ConcurrentBag<string> acknowledged)
    {
        var count = 0;
        await Task.WhenAll(Enumerable.Range(0, WritersPerRound).Select(async writer =>
        {
            for (var n = 0; ; n++)
            {
                var name = $"w{round}-{writer}-{n}";
                using var request = writer % 4 == 0
                    ? Post("/api/v2/users", new { username = name, service_account = true, organization_ids = new[] { organization } })
                    : Post("/api/v2/users/me/keys/tokens", new { token_name = name });
                request.Headers.Add("Coder-Session-Token", session);
                try
                {
                    using var answer = await client.SendAsync(request);
                    Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
                    acknowledged.Add(name);
                }
                catch (HttpRequestException)
                {
                    return; // Killed.
                }

                if (Interlocked.Increment(ref count) == AcknowledgedPerRound)
                {
                    server.Signal("KILL");
                }
            }
        }));
    }

    private static HttpRequestMessage Post(string path, object body) => new(HttpMethod.Post, path) { Content = JsonContent.Create(body) };

    private static async Task<IReadOnlyList<string>> WrittenAsync(HttpClient client)
    {
        var tokens = await client.GetFromJsonAsync<JsonElement>("/api/v2/users/me/keys/tokens");
        var users = await client.GetFromJsonAsync<JsonElement>("/api/v2/users?q=service_account:true");
        return
        [
            .. tokens.EnumerateArray().Select(token => token.GetProperty("token_name").GetString()!),
            .. users.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("username").GetString()!),
        ];
    }

    private static async Task<IReadOnlyList<string>> RecordedAsync(HttpClient client)
    {
        var targets = new List<string>();
        while (true)
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"/api/v2/audit?q=action:create&limit=1000&offset={targets.Count}");
            var entries = page.GetProperty("audit_logs").EnumerateArray().ToArray();
            targets.AddRange(entries.Select(entry => entry.GetProperty("resource_target").GetString()!));
            if (entries.Length < 1_000)
            {
                targets.Remove("owner");
                return targets;
            }
        }
    }
}
