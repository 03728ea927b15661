using System.Net;
using System.Text;
using System.Text.Json;
using Modular.SharedKernel.Results;
using Modular.Tests.Api.Permissions;
using Modular.Tests.Api.Support;
using Npgsql;
using static Modular.Tests.Api.Users.Imports;

namespace Modular.Tests.Api.Users;

/// <summary>Imports that are cut, that race and that run for long; and logging in with what was imported: additions.md 2.</summary>
[Collection(SecondApi.Name)]
public sealed class ImportingWhileOthersWorkTests(ModularApi api)
{
    [Theory]
    [InlineData(ForeignHashes.Bcrypt)]
    [InlineData(ForeignHashes.Pbkdf2)]
    [InlineData(ForeignHashes.Pbkdf2InCodersForm)]
    [InlineData(ForeignHashes.Argon2InFourLanes)]
    public async Task A_foreign_hash_lets_its_user_in_and_becomes_ours(string hash)
    {
        var name = People.NewName();
        var id = (await api.ImportAsync(Lines(Row(name, ("password_hash", hash))))).Only.GetProperty("user_id").GetGuid();

        using var wrong = await api.Anonymous.LogInAsync($"{name}@example.com", "WrongPassword!33");
        await wrong.ShouldBeAsync(HttpStatusCode.Unauthorized);
        Assert.Equal(hash, await HashOfAsync(id));
        using var right = await api.Anonymous.LogInAsync($"{name}@example.com");
        await right.ShouldBeAsync(HttpStatusCode.Created);
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", await HashOfAsync(id), StringComparison.Ordinal);
        using var again = await api.Anonymous.LogInAsync($"{name}@example.com");
        await again.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_hash()
    {
        var name = People.NewName();
        await api.ImportAsync(Lines(Row(name)));
        using var login = await api.Anonymous.LogInAsync($"{name}@example.com", "");
        await login.ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
        using var another = await api.Anonymous.LogInAsync($"{name}@example.com");
        await another.ShouldBeAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task More_rows_than_a_batch_are_answered_in_order()
    {
        var mark = People.NewName();
        var file = Lines([.. Enumerable.Range(0, 1001).Select(n => n % 100 == 7 ? (object)new { n } : Row($"{mark}{n}"))]);
        var imported = await api.ImportAsync(file);
        Assert.Equal(Enumerable.Range(1, 1001), imported.Rows.Select(row => row.GetProperty("line").GetInt32()));
        Assert.Equal("created=991 failed=10", imported.Counts);
        Assert.Equal(991, (await api.As(api.Owner).ReadAsync($"/api/v2/users?limit=1&q={mark}")).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_connection_that_is_cut_leaves_what_was_reported()
    {
        var mark = People.NewName();
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(api.Address.Host, api.Address.Port);
        var stream = client.GetStream();
        await SendAsync("POST /api/v2/users/import HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
            + $"Coder-Session-Token: {api.Owner.Session}\r\nTransfer-Encoding: chunked\r\n\r\n");
        await SendChunkAsync(Lines(Row($"{mark}a"), Row($"{mark}b")) + "{\"email\": \"");

        // The rows that are there are answered while the client takes its time with the next one.
        using var reader = new StreamReader(stream);
        var requestId = "";
        for (var reported = 0; reported < 2;)
        {
            var line = await reader.ReadLineAsync();
            requestId = line!.StartsWith("X-Request-Id: ", StringComparison.OrdinalIgnoreCase) ? line[14..] : requestId;
            reported += line.Contains("\"created\"", StringComparison.Ordinal) ? 1 : 0;
        }

        await SendChunkAsync($"{mark}c@example.com\", \"username\": \"{mark}c");
        client.Client.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        client.Close();

        JsonElement[] whole = [];
        await People.EventuallyAsync(async () =>
            (whole = await api.AuditAsync($"resource_type:user_import request_id:{requestId}")).Length > 0);
        var fields = Assert.Single(whole).GetProperty("additional_fields");
        Assert.False(fields.GetProperty("complete").GetBoolean());
        Assert.Equal(2, fields.GetProperty("summary").GetProperty("created").GetInt32());
        Assert.Equal(2, (await api.As(api.Owner).ReadAsync($"/api/v2/users?limit=1&q={mark}")).GetProperty("count").GetInt32());

        ValueTask SendAsync(string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text));

        ValueTask SendChunkAsync(string text) => SendAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");
    }

    [Fact]
    public async Task A_name_that_somebody_takes_meanwhile_fails_its_row_alone()
    {
        var (first, taken, last) = (People.NewName(), People.NewName(), People.NewName());
        await using var rival = await api.OpenDatabaseAsync();
        await using var transaction = await rival.BeginTransactionAsync();
        await using var take = new NpgsqlCommand(
            """
            insert into users.users (id, username, username_key, email, email_key, name, avatar_url, status, login_type, rbac_roles,
                                     is_service_account, deleted, created_at, updated_at, last_seen_at, search_name, search_text)
            values (gen_random_uuid(), $1, $1, $1, $1, '', '', 'active', 'password', '{}', false, false, now(), now(), now(), '', $1)
            """,
            rival)
        { Parameters = { new NpgsqlParameter { Value = taken } } };
        await take.ExecuteNonQueryAsync();

        var import = api.ImportAsync(Lines(Row(first), Row(taken), Row(last)));
        await People.EventuallyAsync(async () => await SomebodyWaitsAsync());
        await transaction.CommitAsync();

        var imported = await import;
        Assert.Equal(["created", "failed", "created"], imported.Results);
        Assert.Equal(["username"], imported.Rows[1].Fields());
        Assert.Equal(3, (await api.AuditAsync($"request_id:{imported.RequestId}")).Length);
    }

    [Fact]
    public async Task Two_imports_of_the_same_people_in_other_orders_make_each_once()
    {
        var mark = People.NewName();
        object[] rows = [.. Enumerable.Range(0, 60).Select(n => Row($"{mark}{n}", ("external_id", $"{mark}{n}")))];
        var both = await Task.WhenAll(api.ImportAsync(Lines(rows)), api.ImportAsync(Lines([.. rows.Reverse()])));
        Assert.Equal(60, both.Sum(imported => imported.Results.Count(result => result == "created")));
        Assert.All(both, imported => Assert.DoesNotContain("failed", imported.Results));
        Assert.Equal(60, (await api.As(api.Owner).ReadAsync($"/api/v2/users?limit=1&q={mark}")).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task As_many_at_once_as_a_user_may_have()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:StreamsPerUser"] = "1" }, sameDatabase: true);
        using var owner = server.Client(api.Owner.Session);
        var name = People.NewName();
        using var content = new PushedContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/import") { Content = content };
        var first = owner.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await content.WriteAsync(Lines(Row(name)));
        await People.EventuallyAsync(async () => (await owner.GetAsync($"/api/v2/users/{name}")).IsSuccessStatusCode);

        using var second = await owner.SendFileAsync(Lines(Row()));
        await second.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);
        using var others = await server.Client((await api.RegisterUserAsync("user-admin")).Session).SendFileAsync(Lines(Row()));
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);
        content.Finish();
        using var answer = await first;
        await answer.Content.ReadAsStringAsync();
        await People.EventuallyAsync(async () => (await owner.SendFileAsync(Lines(Row()))).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Whoever_loses_the_right_in_the_middle_imports_no_further()
    {
        var admin = await api.RegisterUserAsync("user-admin");
        var (before, after) = (People.NewName(), People.NewName());
        using var content = new PushedContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/import") { Content = content };
        var sending = api.As(admin).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await content.WriteAsync(Lines(Row(before)));
        await People.EventuallyAsync(async () => (await api.As(api.Owner).GetAsync($"/api/v2/users/{before}")).IsSuccessStatusCode);
        using var demotion = await api.As(api.Owner).PutAsync($"/api/v2/users/{admin.Id}/roles", new StringContent("""{"roles": []}"""));
        await demotion.ShouldBeAsync(HttpStatusCode.OK);
        await content.WriteAsync(Lines(Row(after)));
        content.Finish();

        using var answer = await sending;
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal("created", JsonDocument.Parse(lines[0]).RootElement.Result());
        Assert.Equal(Error.NotAllowed.Message, JsonDocument.Parse(lines[1]).RootElement.Text("message"));
        Assert.Equal("", lines[2]);
        await (await api.As(api.Owner).GetAsync($"/api/v2/users/{after}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.False((await api.AuditAsync($"resource_type:user_import username:{admin.Username}"))[0]
            .GetProperty("additional_fields").GetProperty("complete").GetBoolean());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?dry_run=true")]
    public async Task Whoever_has_ended_gets_no_summary_of_nothing_either(string query)
    {
        var admin = await api.RegisterUserAsync("user-admin");
        using var content = new PushedContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v2/users/import{query}") { Content = content };
        var sending = api.As(admin).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await content.WriteAsync("\n");
        using var suspension = await api.As(api.Owner).PutAsync($"/api/v2/users/{admin.Id}/status/suspend", null);
        await suspension.ShouldBeAsync(HttpStatusCode.OK);
        content.Finish();

        using var answer = await sending;
        await answer.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
    }

    /// <summary>Blank lines are no rows, and a file may have any number of them.</summary>
    [Fact]
    public async Task Whoever_has_ended_gives_the_slot_back_without_sending_a_row()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:StreamsPerUser"] = "1" }, sameDatabase: true);
        var admin = await api.RegisterUserAsync("user-admin");
        using var stolen = server.Client(admin.Session);
        using var own = server.Client((await api.LogInAsync(admin.Id, admin.Username)).Session);
        using var content = new PushedContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/import") { Content = content };
        var held = stolen.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var name = People.NewName();
        await content.WriteAsync(Lines(Row(name)));
        await People.EventuallyAsync(async () => (await own.GetAsync($"/api/v2/users/{name}")).IsSuccessStatusCode);
        using var second = await own.SendFileAsync(Lines(Row()));
        await second.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);

        using var logout = await stolen.PostAsync("/api/v2/users/logout", null);
        await logout.ShouldBeAsync(HttpStatusCode.OK);
        await People.EventuallyAsync(async () => (await own.SendFileAsync(Lines(Row()))).IsSuccessStatusCode);
        content.Finish();
        await Task.WhenAny(held); // Answered or cut: the server has not waited for the rest.
    }

    /// <summary>A header is read before there can be rows, and may take as long as the client likes.</summary>
    [Fact]
    public async Task Whoever_has_ended_gives_the_slot_back_in_the_middle_of_a_header()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:StreamsPerUser"] = "1" }, sameDatabase: true);
        var admin = await api.RegisterUserAsync("user-admin");
        using var stolen = server.Client(admin.Session);
        using var own = server.Client((await api.LogInAsync(admin.Id, admin.Username)).Session);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/import") { Content = new StringContent("email,username", Encoding.UTF8, "text/csv") };
        await using var held = await HeldRequest.BeginAsync(server.Address, request, admin.Session);
        using var second = await own.SendFileAsync(Lines(Row()));
        await second.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);

        using var logout = await stolen.PostAsync("/api/v2/users/logout", null);
        await logout.ShouldBeAsync(HttpStatusCode.OK);
        await People.EventuallyAsync(async () => (await own.SendFileAsync(Lines(Row()))).IsSuccessStatusCode);
    }

    /// <summary>Rows that come too fast for a pause and too slowly for a batch must not put off that the caller is judged.</summary>
    [Fact]
    public async Task Whoever_has_ended_imports_no_further_while_rows_trickle_in()
    {
        var admin = await api.RegisterUserAsync("user-admin");
        using var content = new PushedContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/import?dry_run=true") { Content = content };
        var sending = api.As(admin).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await content.WriteAsync("\n");
        using var suspension = await api.As(api.Owner).PutAsync($"/api/v2/users/{admin.Id}/status/suspend", null);
        await suspension.ShouldBeAsync(HttpStatusCode.OK);

        var rows = 0;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!sending.IsCompleted && rows < 250 && await pace.WaitForNextTickAsync())
        {
            await content.WriteAsync(Lines(Row()));
            rows++;
        }

        content.Finish();
        await Task.WhenAny(sending); // Answered or cut: the server has not waited for the rest.
        Assert.InRange(rows, 1, 249);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_before_it_has_sent_everything_gets_every_line()
    {
        const int rows = 30_000;
        var line = $"[]{new string(' ', 250)}\n";
        using var client = new System.Net.Sockets.TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(api.Address.Host, api.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /api/v2/users/import?dry_run=true HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-ndjson\r\n"
            + $"Coder-Session-Token: {api.Owner.Session}\r\nContent-Length: {rows * line.Length}\r\n\r\n"));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line, rows)))).AsTask().WaitAsync(TimeSpan.FromMinutes(1));

        using var reader = new StreamReader(stream);
        var (failed, last) = (0, "");
        while (await reader.ReadLineAsync() is { } text)
        {
            failed += text.Contains("\"failed\",", StringComparison.Ordinal) ? 1 : 0;
            last = text.Length > 2 ? text : last;
        }

        Assert.Equal(rows, failed);
        Assert.Contains($"\"failed\":{rows}", last, StringComparison.Ordinal);
    }

    private async Task<string> HashOfAsync(Guid user)
    {
        await using var connection = await api.OpenDatabaseAsync();
        await using var command = new NpgsqlCommand("select hashed_password from users.users where id = $1", connection)
        { Parameters = { new NpgsqlParameter { Value = user } } };
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task<bool> SomebodyWaitsAsync()
    {
        await using var connection = await api.OpenDatabaseAsync();
        await using var command = new NpgsqlCommand(
            "select exists (select from pg_stat_activity where datname = current_database() and wait_event = 'transactionid')", connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A body that a test sends piece by piece.</summary>
    private sealed class PushedContent : HttpContent
    {
        private readonly System.Threading.Channels.Channel<byte[]> pieces = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();

        internal PushedContent() => Headers.TryAddWithoutValidation("Content-Type", Ndjson);

        internal ValueTask WriteAsync(string text) => pieces.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

        internal void Finish() => pieces.Writer.Complete();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync())
            {
                await stream.WriteAsync(piece);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
