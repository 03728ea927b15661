using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Modular.Api.Edge;
using Modular.Api.Support;
using Modular.Api.Users;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Npgsql;

namespace Modular.Api.Permissions;

/// <summary>
/// Every writing route is held open, its caller is ended in each way there is, and then the request is let go on: nothing may be written
/// by a right that has ended, whenever the request was let in (users-and-auth.md 5.3).
/// </summary>
[Collection(SecondApi.Name)]
public sealed class EndedCallersTests(ModularApi api)
{
    /// <summary>What becomes of the caller while its request waits.</summary>
    private static readonly Dictionary<string, Func<HttpClient, ApiUser, Task<HttpResponseMessage>>> ends = new()
    {
        ["logout"] = (server, caller) => server.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/logout") { Headers = { { "Coder-Session-Token", caller.Session } } }),
        ["deletion of the key"] = (owner, caller) => owner.DeleteAsync($"/api/v2/users/{caller.Id}/keys/{caller.Session[..10]}"),
        ["expiry"] = (owner, caller) => owner.PutAsync($"/api/v2/users/{caller.Id}/keys/{caller.Session[..10]}/expire", null),
        ["rotation"] = (owner, caller) => owner.PostAsJsonAsync($"/api/v2/users/{caller.Id}/keys/{caller.Session[..10]}/rotate", new { }),
        ["password change"] = (owner, caller) => owner.PutAsJsonAsync($"/api/v2/users/{caller.Id}/password", new { password = "AnotherSecurePassword!" }),
        ["suspension"] = async (owner, caller) =>
        {
            await (await DemoteAsync(owner, caller)).ShouldBeAsync(HttpStatusCode.OK);
            return await owner.PutAsync($"/api/v2/users/{caller.Id}/status/suspend", null);
        },
        ["demotion"] = DemoteAsync,
        ["deletion of the user"] = (owner, caller) => owner.DeleteAsync($"/api/v2/users/{caller.Id}"),
        ["end of all sessions"] = (owner, caller) => owner.DeleteAsync($"/api/v2/users/{caller.Id}/sessions"),
    };

    private readonly RouteRequests requests = new(api);

    public static TheoryData<string> RoutesThatReadBodies => [.. Writing.Where(route => route.ReadsBody || route.Name == "AnswerAgent").Select(route => route.Name)];

    public static TheoryData<string> RoutesWithoutBodies => [.. Writing.Where(route => !route.ReadsBody && route.Name != "AnswerAgent").Select(route => route.Name)];

    public static TheoryData<string> Ends => [.. ends.Keys];

    private static IEnumerable<Routes.Declared> Writing => Routes.Names.Select(Routes.Of)
        .Where(route => route.Method != "GET" && route.Access.Kind != RouteAccessKind.Anonymous);

    [Theory]
    [MemberData(nameof(RoutesThatReadBodies))]
    public async Task Writes_nothing_when_its_caller_ended_while_the_body_was_on_the_way(string name)
    {
        var route = Routes.Of(name);
        await api.TurnAsync("user-skills", on: true);
        using var owner = api.As(api.Owner);
        foreach (var (end, endAsync) in ends)
        {
            var caller = await OwnerWithSessionAsync();
            var target = route.Parameters.Contains("user") ? await requests.TargetAsync(route) : null;
            using var request = await requests.MakeAsync(route, target, missing: null);
            await using var held = await HeldRequest.BeginAsync(api.Address, request, caller.Session);

            using (var ended = await endAsync(owner, caller))
            {
                Assert.True(ended.IsSuccessStatusCode, $"{end}: {ended.StatusCode}");
            }

            var answer = await held.FinishAsync();
            var line = $"{route.Method} {route.Pattern} after {end}: {answer.Status} {answer.Body}";
            if (end == "demotion")
            {
                // What any user may do is still allowed; the rest is refused as it is to a member.
                Assert.True(IsForMembers(route) ? answer.Status is 200 or 201 or 400 : answer.Status is 403 or 404 || IsImportCutOff(answer), line);
            }
            else
            {
                Assert.True(answer.Status == 401 || IsImportCutOff(answer), line);
                Assert.True(answer.Status != 401 || answer.Head.Contains("\r\nWWW-Authenticate: ", StringComparison.OrdinalIgnoreCase), line);
            }

            if (answer.Status is not (200 or 201) || IsImportCutOff(answer))
            {
                Assert.True(await WrittenByAsync(caller) == 0, $"{line}, and the log says that something was done");
            }
        }
    }

    [Theory]
    [MemberData(nameof(RoutesWithoutBodies))]
    public async Task Writes_nothing_when_its_caller_ends_while_it_runs(string name)
    {
        var route = Routes.Of(name);
        await api.TurnAsync("user-skills", on: true);
        var caller = await OwnerWithSessionAsync();
        var target = route.Parameters.Contains("user") ? await requests.TargetAsync(route) : null;
        using var request = await requests.MakeAsync(route, target, missing: null);
        using var client = api.WithKey(caller.Session);
        await client.ReadAsync("/api/v2/users/me"); // The key is known, so that the request is let in without a question to the database.

        // Another server is about to commit the end of the key; its row is locked until it does.
        await using var database = await api.OpenDatabaseAsync();
        await using var transaction = await database.BeginTransactionAsync();
        await ExecuteAsync(database, "select 1 from api_keys.owners where user_id = $1 for update", caller.Id);
        await ExecuteAsync(database, "update api_keys.keys set revoked_at = now() where user_id = $1", caller.Id);
        await ExecuteAsync(database, "update api_keys.owners set epoch = epoch + 1 where user_id = $1", caller.Id);
        var answering = client.SendAsync(request);
        await People.EventuallyAsync(async () => answering.IsCompleted || await IsAwaitedAsync(database));
        await transaction.CommitAsync();

        using var answer = await answering;
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, await WrittenByAsync(caller));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_full_cache_forgets_what_ended(string end)
    {
        await using var another = await api.StartAnotherAsync(sameDatabase: true);
        using var owner = api.As(api.Owner);
        var caller = await OwnerWithSessionAsync();
        foreach (var services in (IServiceProvider[])[api.Services, another.Services])
        {
            Fill(services.GetRequiredService<KeyCache>());
        }

        using var here = api.WithKey(caller.Session);
        using var there = another.Client(caller.Session);
        foreach (var client in (HttpClient[])[here, there])
        {
            await client.ReadAsync($"/api/v2/users/{api.Owner.Id}");
        }

        using (var ended = await ends[end](owner, caller))
        {
            Assert.True(ended.IsSuccessStatusCode, $"{ended.StatusCode}");
        }

        var status = end == "demotion" ? HttpStatusCode.NotFound : HttpStatusCode.Unauthorized;
        using var answer = await here.GetAsync($"/api/v2/users/{api.Owner.Id}");
        Assert.Equal(status, answer.StatusCode);
        await People.EventuallyAsync(async () => (await there.GetAsync($"/api/v2/users/{api.Owner.Id}")).StatusCode == status);
    }

    [Fact]
    public async Task A_caller_with_other_rights_meanwhile_is_judged_by_the_rights_of_now()
    {
        using var owner = api.As(api.Owner);
        var member = await api.RegisterUserAsync();
        var name = People.NewName();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users")
        {
            Content = JsonContent.Create(api.Request(name)),
        };
        await using var held = await HeldRequest.BeginAsync(api.Address, request, member.Session);
        using var promotion = await owner.PutAsJsonAsync($"/api/v2/users/{member.Id}/roles", new { roles = new[] { "owner" } });
        await promotion.ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(201, (await held.FinishAsync()).Status);
        Assert.Equal(name, (await owner.ReadAsync($"/api/v2/users/{name}")).Text("username"));
    }

    /// <summary>Keys of as many other users as there is room for, and as many again.</summary>
    private static void Fill(KeyCache cache)
    {
        for (var number = 0; number < 2 * KeyCache.MaxKeys; number++)
        {
            var id = number.ToString("D10", System.Globalization.CultureInfo.InvariantCulture);
            var restrictions = new KeyRestrictions([], PermissionSet.Everything, AllowList.Everything, DateTimeOffset.MaxValue);
            cache.Keep(
                new KnownKey
                {
                    Id = id,
                    Hash = [],
                    ExpiresAt = DateTimeOffset.MaxValue,
                    EndsAt = null,
                    LastUsed = default,
                    Lifetime = default,
                    IsToken = true,
                    Epoch = 0,
                    Caller = new Caller(new PermissionTable([]), restrictions)
                    {
                        UserId = new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]),
                        Username = "",
                        Roles = [],
                        KeyId = id,
                        Status = AccountStatus.Active,
                    },
                },
                cache.Changes);
        }
    }

    private static Task<HttpResponseMessage> DemoteAsync(HttpClient owner, ApiUser caller) =>
        owner.PutAsJsonAsync($"/api/v2/users/{caller.Id}/roles", new { roles = Array.Empty<string>() });

    /// <summary>Whether the route asks for nothing that a member lacks. The path names somebody else, so it has no user.</summary>
    private static bool IsForMembers(Routes.Declared route) => route.Name is "AnswerAgent" or "CheckAuthorization";

    /// <summary>An import is answered as it goes; its last line says why it ended, instead of the summary.</summary>
    private static bool IsImportCutOff(RawAnswer answer) =>
        answer.Status == 200 && answer.Body.Contains("\"message\":", StringComparison.Ordinal) && !answer.Body.Contains("\"created\"", StringComparison.Ordinal);

    /// <summary>An owner with a session; nothing that the caller does depends on how it was made.</summary>
    private async Task<ApiUser> OwnerWithSessionAsync()
    {
        var request = api.Request();
        request["roles"] = new[] { "owner" };
        request["user_status"] = "active";
        var user = await api.CreateAsync(request);
        using var made = await api.As(api.Owner).PostAsync($"/api/v2/users/{user.Id()}/keys", null);
        return new ApiUser(user.Id(), user.Text("username"), (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key"));
    }

    /// <summary>How many changes the log says that the user made. Its own logout is one of the ways to end it.</summary>
    private async Task<long> WrittenByAsync(ApiUser caller)
    {
        await using var database = await api.OpenDatabaseAsync();
        await using var count = new NpgsqlCommand(
            """
            select count(*) from audit.entries
            where user_id = $1 and status_code < 400 and action <> 'logout'
              and not (resource_type = 'user_import' and additional_fields -> 'complete' = 'false')
            """,
            database);
        count.Parameters.Add(new NpgsqlParameter { Value = caller.Id });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection database, string sql, Guid id)
    {
        await using var command = new NpgsqlCommand(sql, database) { Parameters = { new() { Value = id } } };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Whether somebody waits for what this connection has locked.</summary>
    private static async Task<bool> IsAwaitedAsync(NpgsqlConnection database)
    {
        await using var command = new NpgsqlCommand(
            "select exists (select 1 from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid)))", database);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A request whose head has been judged and whose body has not been sent.</summary>
    private sealed class HeldRequest(TcpClient client, byte[] body) : IAsyncDisposable
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
}
