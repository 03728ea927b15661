using System.Net;
using System.Text;
using System.Text.Json;
using Modular.Tests.Api.Support;
using static Modular.Tests.Api.Users.Imports;

namespace Modular.Tests.Api.Users;

/// <summary>Importing people from a file: additions.md 2, with the rules of users-and-auth.md 8.</summary>
[Collection(SharedApi.Name)]
public sealed class ImportingUsersTests(ModularApi api)
{
    [Theory]
    [InlineData("owner", HttpStatusCode.OK)]
    [InlineData("user-admin", HttpStatusCode.OK)]
    [InlineData("member", HttpStatusCode.Forbidden)]
    [InlineData("auditor", HttpStatusCode.Forbidden)]
    [InlineData("template-admin", HttpStatusCode.Forbidden)]
    public async Task Is_for_those_who_create_users_and_refuses_others_before_anything_else(string role, HttpStatusCode status)
    {
        var caller = await api.RegisterUserAsync(role);
        using var answer = await api.As(caller).SendFileAsync("");
        Assert.Equal(status, answer.StatusCode);
        using var broken = await api.As(caller).SendFileAsync("x", "text/plain", "?dry_run=x");
        Assert.Equal(status == HttpStatusCode.OK ? HttpStatusCode.UnsupportedMediaType : status, broken.StatusCode);
    }

    [Fact]
    public async Task Needs_a_key()
    {
        using var answer = await api.Anonymous.SendFileAsync("");
        await answer.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("application/x-ndjson", HttpStatusCode.OK)]
    [InlineData("Application/X-NDJSON; charset=UTF-8", HttpStatusCode.OK)]
    [InlineData("application/x-ndjson; charset=\"utf-8\"", HttpStatusCode.OK)]
    [InlineData("application/x-ndjson; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/csv", HttpStatusCode.BadRequest)]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=x", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("nonsense", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, HttpStatusCode.UnsupportedMediaType)]
    public async Task Looks_at_the_content_type(string? contentType, HttpStatusCode status)
    {
        using var answer = await api.As(api.Owner).SendFileAsync("", contentType);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Reads_no_compressed_file()
    {
        using var file = new StringContent("");
        file.Headers.ContentType = new("application/x-ndjson");
        file.Headers.ContentEncoding.Add("gzip");
        using var answer = await api.As(api.Owner).PostAsync("/api/v2/users/import", file);
        await answer.ShouldRefuseAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("?dry_run=yes", "dry_run")]
    [InlineData("?dry_run=tRUE", "dry_run")]
    [InlineData("?on_existing=replace", "on_existing")]
    [InlineData("?on_existing=Skip", "on_existing")]
    [InlineData("?dry_run=2&on_existing=2", "dry_run", "on_existing")]
    public async Task Names_a_parameter_that_it_does_not_know(string query, params string[] fields)
    {
        using var answer = await api.As(api.Owner).SendFileAsync(Lines(Row()), query: query);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    [Fact]
    public async Task Takes_a_gibibyte()
    {
        var head = "POST /api/v2/users/import HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
            + $"Coder-Session-Token: {api.Owner.Session}\r\nContent-Length: {(1L << 30) + 1}\r\n\r\n";
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(api.Address.Host, api.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Makes_users_as_a_creation_does()
    {
        var name = People.NewName("i");
        var row = (await api.ImportAsync(Lines(Row(name, ("external_id", $"hr-{name}"), ("name", "Jane Doe"))))).Only;
        Assert.Equal(("created", 1, $"hr-{name}"), (row.Result(), row.GetProperty("line").GetInt32(), row.Text("external_id")));

        var user = await api.As(api.Owner).ReadAsync($"/api/v2/users/{name}");
        Assert.Equal(row.GetProperty("user_id").GetGuid(), user.Id());
        Assert.Equal(("Jane Doe", "dormant", "password"), (user.Text("name"), user.Text("status"), user.Text("login_type")));
        Assert.Equal(api.Organization, Assert.Single(user.GetProperty("organization_ids").EnumerateArray()).GetGuid());
        Assert.Empty(user.GetProperty("roles").EnumerateArray());

        // The other modules know the user too: it can be given a key, which works.
        using var made = await api.As(api.Owner).PostAsync($"/api/v2/users/{name}/keys/tokens", new StringContent("{}"));
        var key = (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
        Assert.Equal(name, (await api.WithKey(key).ReadAsync("/api/v2/users/me")).Text("username"));
    }

    /// <summary>What the row changes of an ordinary one, and which fields fail; none where it is created.</summary>
    public static TheoryData<string, string[]> Rules => new()
    {
        { """{"user_status": "active", "roles": ["auditor", "auditor"], "login_type": "password"}""", [] },
        { """{"organizations": ["default", "00000000-0000-0000-0000-000000000000"]}""", [] },
        { """{"organizations": [], "roles": [], "name": "", "external_id": ""}""", [] },
        { """{"organizations": null, "roles": null, "service_account": null, "unknown": {"x": 1}}""", [] },
        { """{"service_account": true, "email": ""}""", [] },
        { """{"service_account": true, "email": null, "login_type": "none"}""", [] },
        { """{"external_id": "§LONG§"}""", ["external_id"] },
        { """{"email": "no address"}""", ["email"] },
        { """{"email": ""}""", ["email"] },
        { """{"email": null, "username": null}""", ["email", "username"] },
        { """{"email": "owner@example.com", "external_id": "§NEW§"}""", ["email"] },
        { """{"email": "OWNER@example.com", "external_id": "§NEW§"}""", ["email"] },
        { """{"username": "a--b"}""", ["username"] },
        { """{"username": "import"}""", ["username"] },
        { """{"username": "OWNER"}""", ["username"] },
        { """{"name": " Mr Bean", "username": "-"}""", ["name", "username"] },
        { """{"roles": ["no-such"]}""", ["roles"] },
        { """{"roles": [null]}""", ["roles"] },
        { """{"roles": "auditor"}""", ["roles"] },
        { """{"roles": [1]}""", ["roles"] },
        { """{"organizations": ["no-such"]}""", ["organizations"] },
        { """{"organizations": ["11111111-1111-4111-8111-111111111111"]}""", ["organizations"] },
        { """{"user_status": "suspended"}""", ["user_status"] },
        { """{"user_status": "Active"}""", ["user_status"] },
        { """{"login_type": "none"}""", ["login_type"] },
        { """{"login_type": "oidc"}""", ["login_type"] },
        { """{"login_type": "nonsense"}""", ["login_type"] },
        { """{"login_type": "github", "password_hash": "$2b$04$abcdefghijklmnopqrstuuSjkzihYV9Fb1aALS58q8MgbHbg1Zcvi"}""", ["login_type"] },
        { """{"service_account": true}""", ["login_type"] },
        { """{"service_account": "yes"}""", ["service_account"] },
        { """{"password": "SomeSecurePassword!"}""", ["password"] },
        { """{"password_hash": "SomeSecurePassword!"}""", ["password_hash"] },
        { """{"password_hash": "$2b$15$abcdefghijklmnopqrstuuSjkzihYV9Fb1aALS58q8MgbHbg1Zcvi"}""", ["password_hash"] },
        { """{"email": 1}""", ["email"] },
        { """{"name": "a\u0000b"}""", ["name"] },
        { """{"name": "\ud800"}""", ["name"] },
    };

    [Theory, MemberData(nameof(Rules))]
    public async Task Fails_a_row_for_what_creation_would_refuse(string changes, string[] fields)
    {
        changes = changes.Replace("§LONG§", new string('ä', 65), StringComparison.Ordinal).Replace("§NEW§", People.NewName(), StringComparison.Ordinal);
        var row = JsonSerializer.Serialize(Row());
        var changed = JsonDocument.Parse(changes).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());
        var members = JsonDocument.Parse(row).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());
        foreach (var (member, value) in changed)
        {
            members[member] = value;
        }

        var line = $"{{{string.Join(',', members.Select(member => $"\"{member.Key}\":{member.Value}"))}}}";
        var imported = (await api.ImportAsync(line)).Only;
        Assert.Equal(fields.Length == 0 ? "created" : "failed", imported.Result());
        Assert.Equal(fields.Order(), imported.Fields().Order());
    }

    [Theory]
    [InlineData("auditor", "roles")]
    [InlineData("owner", "roles")]
    [InlineData("member")]
    public async Task Gives_the_roles_that_the_caller_may_give(string role, params string[] fields)
    {
        var admin = await api.RegisterUserAsync("user-admin");
        Assert.Equal(fields, (await api.ImportAsync(Lines(Row(null, ("roles", new[] { role }))), by: admin)).Only.Fields());
    }

    [Fact]
    public async Task Fails_a_broken_row_alone_and_counts_the_lines_of_the_file()
    {
        var (first, last) = (People.NewName(), People.NewName());
        var file = $"\uFEFF{JsonSerializer.Serialize(Row(first))}\r\n\r\n   \nnonsense\n[]\n{{\"email\":\n{{}} x\n{{\"email\":\"a\",\"email\":\"b\"}}\n"
            + $"{{\"name\":\"{new string('x', 64 * 1024)}\"}}\n{new string('{', 40)}\nnull\n{JsonSerializer.Serialize(Row(last))}";
        var imported = await api.ImportAsync(file);

        Assert.Equal([1, 4, 5, 6, 7, 8, 9, 10, 11, 12], imported.Rows.Select(row => row.GetProperty("line").GetInt32()));
        Assert.Equal(["created", .. Enumerable.Repeat("failed", 8), "created"], imported.Results);
        Assert.Equal("created=2 failed=8", imported.Counts);
        Assert.All(imported.Rows[1..^1], row => Assert.NotEmpty(row.GetProperty("errors")[0].Text("detail")));
    }

    [Fact]
    public async Task Reads_csv()
    {
        var (a, b, c, d) = (People.NewName(), People.NewName(), People.NewName(), People.NewName());
        var file = $"""
            Username,notes,EMAIL,name,roles,organizations,service_account
            {a},,{a}@example.com,"Doe, ""JD"" Jane",auditor member,default,
            {b},"two
            lines",{b}@example.com,,,,false

            {c},"stray,{c}@example.com,,,,
            {d},,,a"b,,,true
            {d},,,,,,true
            {d}2,,,,,,maybe
            {d}3,,
            """;
        var imported = await api.ImportAsync(file, contentType: Csv);

        Assert.Equal(
            ["2 created", "3 created", "6 failed", "7 failed", "8 created", "9 failed service_account", "10 failed"],
            imported.Rows.Select(row => $"{row.GetProperty("line")} {row.Result()} {string.Join(' ', row.Fields())}".TrimEnd()));
        var jane = await api.As(api.Owner).ReadAsync($"/api/v2/users/{a}");
        Assert.Equal("Doe, \"JD\" Jane", jane.Text("name"));
        Assert.Equal(["auditor", "member"], jane.GetProperty("roles").EnumerateArray().Select(role => role.Text("name")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("email;username\na@example.com;a")]
    [InlineData("first,second\n1,2")]
    [InlineData("email,username,Email\n")]
    [InlineData("\"email,username\n")]
    public async Task Refuses_csv_without_a_header_that_can_be_used(string file)
    {
        using var answer = await api.As(api.Owner).SendFileAsync(file, Csv);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Fails_a_row_of_csv_that_is_not_utf_8()
    {
        byte[] file = [.. "username,name,service_account\n"u8, .. Encoding.Latin1.GetBytes($"{People.NewName()},Jürg,true\n{People.NewName()},Ute,true\n")];
        using var answer = await api.As(api.Owner).SendFileAsync(file, Csv);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.Contains("failed", lines[0], StringComparison.Ordinal);
        Assert.Contains("created", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_the_same_file_again_ends_in_the_same_state()
    {
        var (service, twin) = (People.NewName(), People.NewName());
        var file = Lines(
            Row(null, ("external_id", People.NewName())),
            Row(),
            new { username = service, service_account = true, external_id = service },
            Row(twin, ("external_id", twin)),
            Row(twin, ("external_id", twin), ("name", "Other")));
        Assert.Equal("created=4 skipped=1", (await api.ImportAsync(file)).Counts);
        var again = await api.ImportAsync(file);
        Assert.Equal("skipped=5", again.Counts);
        Assert.All(again.Rows, row => Assert.NotEqual(Guid.Empty, row.GetProperty("user_id").GetGuid()));
        Assert.Equal("updated=1 unchanged=4", (await api.ImportAsync(file, "?on_existing=update")).Counts);
        Assert.Equal("unchanged=5", (await api.ImportAsync(file, "?on_existing=update")).Counts);
    }

    [Fact]
    public async Task Finds_a_user_by_external_id_else_by_address_and_never_a_deleted_one()
    {
        var (name, id) = (People.NewName(), People.NewName());
        var user = (await api.ImportAsync(Lines(Row(name, ("external_id", id))))).Only.GetProperty("user_id").GetGuid();
        foreach (var (row, result) in new (object, string)[]
        {
            (new { external_id = id }, "skipped"),
            (new { external_id = id, email = "owner@example.com", username = "whoever" }, "skipped"),
            (new { email = $"{name.ToUpperInvariant()}@example.com" }, "skipped"),
            (new { external_id = id.ToUpperInvariant(), email = $"{name}@example.com", username = People.NewName() }, "failed"),
        })
        {
            Assert.Equal(result, (await api.ImportAsync(Lines(row))).Only.Result());
        }

        using var deletion = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user}");
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
        var successor = (await api.ImportAsync(Lines(Row(name, ("external_id", id))))).Only;
        Assert.Equal("created", successor.Result());
        Assert.NotEqual(user, successor.GetProperty("user_id").GetGuid());
    }

    [Fact]
    public async Task In_a_dry_run_writes_nothing()
    {
        var (known, unknown) = (People.NewName(), People.NewName());
        await api.ImportAsync(Lines(Row(known)));
        var file = Lines(Row(known, ("name", "Other")), Row(unknown), Row(unknown), Row(null, ("username", "-")));
        var imported = await api.ImportAsync(file, "?dry_run=true&on_existing=update");

        Assert.Equal(["updated", "created", "unchanged", "failed"], imported.Results);
        Assert.False(imported.Rows[1].TryGetProperty("user_id", out _));
        Assert.False((await api.As(api.Owner).ReadAsync($"/api/v2/users/{known}")).TryGetProperty("name", out _));
        using var missing = await api.As(api.Owner).GetAsync($"/api/v2/users/{unknown}");
        await missing.ShouldBeAsync(HttpStatusCode.NotFound);
        Assert.Empty(await api.AuditAsync($"request_id:{imported.RequestId}"));
    }

    [Fact]
    public async Task Is_recorded_once_as_a_whole_and_once_for_each_row_that_changed_something()
    {
        var (fresh, changed, same) = (People.NewName(), People.NewName(), People.NewName());
        await api.ImportAsync(Lines(Row(changed), Row(same)));
        var imported = await api.ImportAsync(
            Lines(
                Row(fresh, ("external_id", fresh), ("password_hash", ForeignHashes.Bcrypt)),
                Row(changed, ("name", "New"), ("roles", new[] { "auditor" }), ("user_status", "active")),
                Row(same),
                new { }),
            "?on_existing=update");
        var entries = await api.AuditAsync($"request_id:{imported.RequestId}");

        Assert.Equal(
            ["create user_import ", $"write user {changed}", $"create user {fresh}"],
            entries.Select(entry => $"{entry.Text("action")} {entry.Text("resource_type")} {entry.Text("resource_target")}"));
        Assert.All(entries, entry => Assert.Equal(api.Owner.Id, entry.GetProperty("user").Id()));
        var whole = entries[0].GetProperty("additional_fields");
        Assert.Equal(
            ["created=1", "failed=1", "skipped=0", "unchanged=1", "updated=1"],
            whole.GetProperty("summary").EnumerateObject().Select(count => $"{count.Name}={count.Value}").Order());
        Assert.True(whole.GetProperty("complete").GetBoolean());
        Assert.Equal(["name", "rbac_roles", "status"], entries[1].GetProperty("diff").EnumerateObject().Select(field => field.Name).Order());
        var created = entries[2].GetProperty("diff");
        Assert.Equal(fresh, created.GetProperty("external_id").Text("new"));
        Assert.Equal("""{"secret":true}""", JsonSerializer.Serialize(created.GetProperty("hashed_password")));
        Assert.DoesNotContain("$2b$", created.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writes_nothing_of_a_user_but_name_status_and_roles()
    {
        var name = People.NewName();
        await api.ImportAsync(Lines(Row(name, ("external_id", name), ("name", "Kept"), ("roles", new[] { "auditor" }), ("user_status", "active"))));
        var before = await api.As(api.Owner).GetStringAsync($"/api/v2/users/{name}");
        var imported = await api.ImportAsync(
            Lines(new
            {
                external_id = name,
                email = "other@example.com",
                username = "other",
                login_type = "oidc",
                service_account = true,
                organizations = new[] { "nowhere" },
                password_hash = ForeignHashes.Bcrypt,
            }),
            "?on_existing=update");
        Assert.Equal("unchanged", imported.Only.Result());
        Assert.Equal(before, await api.As(api.Owner).GetStringAsync($"/api/v2/users/{name}"));
    }

    /// <summary>Who imports, whom the row is about, what it says, and how it ends: users-and-auth.md 5.3, 12, 14, 15.</summary>
    public static TheoryData<string, string, string, string> Rights => new()
    {
        { "owner", "member", """{"name": "N", "roles": ["owner"], "user_status": "suspended"}""", "failed user_status" },
        { "owner", "member", """{"name": "N", "roles": ["user-admin"], "user_status": "suspended"}""", "updated" },
        { "owner", "owner", """{"name": "N"}""", "updated" },
        { "owner", "owner", """{"roles": []}""", "updated" },
        { "owner", "owner", """{"user_status": "suspended"}""", "failed user_status" },
        { "owner", "owner", """{"roles": ["member"], "user_status": "suspended"}""", "updated" },
        { "owner", "self", """{"name": "N"}""", "updated" },
        { "owner", "self", """{"roles": ["owner", "auditor"]}""", "failed roles" },
        { "owner", "self", """{"roles": ["owner"], "user_status": "active"}""", "unchanged" },
        { "owner", "self", """{"user_status": "suspended", "name": "N"}""", "failed user_status" },
        { "user-admin", "member", """{"name": "N", "user_status": "suspended", "roles": ["member"]}""", "updated" },
        { "user-admin", "member", """{"roles": ["auditor"]}""", "failed roles" },
        { "user-admin", "auditor", """{"name": "N"}""", "failed name" },
        { "user-admin", "auditor", """{"user_status": "suspended"}""", "failed user_status" },
        { "user-admin", "auditor", """{"roles": []}""", "failed roles" },
        { "user-admin", "auditor", """{"roles": ["auditor"], "user_status": "active"}""", "unchanged" },
        { "user-admin", "owner", """{"name": "N", "user_status": "dormant", "roles": ["owner", "member"]}""", "failed name roles user_status" },
        { "user-admin", "self", """{"name": "N", "user_status": "dormant"}""", "updated" },
        { "user-admin", "self", """{"roles": []}""", "failed roles" },
        { "owner", "member", """{"name": ""}""", "unchanged" },
        { "owner", "member", """{"user_status": "", "roles": null, "name": null}""", "unchanged" },
    };

    [Theory, MemberData(nameof(Rights))]
    public async Task Updates_what_the_single_routes_would_let_the_caller_change(string caller, string target, string members, string ends)
    {
        var by = await api.RegisterUserAsync(caller);
        var about = target == "self" ? by.Username : People.NewName();
        if (target != "self")
        {
            await api.ImportAsync(Lines(Row(about, ("user_status", "active"), ("roles", target == "member" ? [] : new[] { target }))));
        }

        var before = await api.As(api.Owner).ReadAsync($"/api/v2/users/{about}");
        var line = $"{{\"email\": \"{about}@example.com\", {members[1..]}";
        var row = (await api.ImportAsync(line, "?on_existing=update", by: by)).Only;
        Assert.Equal(ends, $"{row.Result()} {string.Join(' ', row.Fields())}".TrimEnd());

        var after = await api.As(api.Owner).ReadAsync($"/api/v2/users/{about}");
        if (row.Result() != "updated")
        {
            Assert.Equal(before.Text("status"), after.Text("status"));
            Assert.Equal(before.GetProperty("roles").GetRawText(), after.GetProperty("roles").GetRawText());
            Assert.False(after.TryGetProperty("name", out _));
            return;
        }

        foreach (var (member, value) in JsonDocument.Parse(members).RootElement.EnumerateObject().ToDictionary(m => m.Name, m => m.Value))
        {
            Assert.Equal(
                value.ToString().Replace(" ", "", StringComparison.Ordinal),
                member == "roles" ? JsonSerializer.Serialize(after.GetProperty("roles").EnumerateArray().Select(role => role.Text("name")))
                    : after.Text(member == "user_status" ? "status" : member));
        }
    }

    [Fact]
    public async Task Is_not_for_a_narrowed_key()
    {
        var key = await api.MakeTokenAsync(api.Owner, new { allow_list = new[] { "user:*", "organization_member:*", "assign_role:*", "organization:*" } });
        using var answer = await api.WithKey(key).SendFileAsync(Lines(Row()));
        await answer.ShouldBeAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task While_password_login_is_disabled_fails_people_but_not_services()
    {
        await using var other = await api.StartAnotherAsync(new() { ["Modular:PasswordAuth:Disabled"] = "true" }, sameDatabase: true);
        using var answer = await other.Client(api.Owner.Session).SendFileAsync(Lines(Row(), new { username = People.NewName(), service_account = true }));
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal(["login_type"], JsonDocument.Parse(lines[0]).RootElement.Fields());
        Assert.Equal("created", JsonDocument.Parse(lines[1]).RootElement.Result());
    }
}
