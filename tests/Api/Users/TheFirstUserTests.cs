using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Users;

/// <summary>Setting up a fresh server: users-and-auth.md 9 and 1.5. Each test has a server of its own.</summary>
[Collection(SecondApi.Name)]
public sealed class TheFirstUserTests(ModularApi api)
{
    private const string Path = "/api/v2/users/first";

    [Fact]
    public async Task Is_an_active_owner_in_the_default_organization_without_a_session()
    {
        await using var fresh = await api.StartAnotherAsync();
        using var before = await fresh.Client().GetAsync(Path);
        var missing = await before.ShouldBeAsync(HttpStatusCode.NotFound);
        Assert.Equal("message", Assert.Single(missing.EnumerateObject()).Name);
        Assert.NotEmpty(missing.Text("message"));
        using var unknownPath = await fresh.Client().GetAsync("/api/v2/nothing");
        Assert.NotEqual((await unknownPath.ShouldBeAsync(HttpStatusCode.NotFound)).Text("message"), missing.Text("message"));
        Assert.NotEmpty(before.Headers.GetValues("X-Coder-Build-Version"));

        using var first = await fresh.Client().PostAsJsonAsync(Path, Request("primary"));
        var created = await first.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(["organization_id", "user_id"], created.EnumerateObject().Select(member => member.Name).Order());
        Assert.DoesNotContain(first.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("coder_session_token", StringComparison.Ordinal));
        var after = await fresh.Client().ReadAsync(Path);
        Assert.NotEmpty(after.Text("message"));

        var client = await LoggedInAsync(fresh, "primary");
        var user = await client.ReadAsync("/api/v2/users/me");
        Assert.Equal(created.GetProperty("user_id").GetGuid(), user.Id());
        Assert.Equal(("primary", "active", "password"), (user.Text("username"), user.Text("status"), user.Text("login_type")));
        Assert.Equal("owner", Assert.Single(user.GetProperty("roles").EnumerateArray()).Text("name"));
        Assert.Equal(
            created.GetProperty("organization_id").GetGuid(), Assert.Single(user.GetProperty("organization_ids").EnumerateArray()).GetGuid());
    }

    [Fact]
    public async Task And_the_login_leave_two_entries()
    {
        await using var fresh = await api.StartAnotherAsync();
        using var first = await fresh.Client().PostAsJsonAsync(Path, Request("primary"));
        var id = (await first.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("user_id").GetGuid();
        var log = await (await LoggedInAsync(fresh, "primary")).ReadAsync("/api/v2/audit");

        Assert.Equal(2, log.GetProperty("count").GetInt32());
        var entries = log.GetProperty("audit_logs");
        Assert.Equal(("login", "api_key"), (entries[0].Text("action"), entries[0].Text("resource_type")));
        Assert.Equal(("create", "user", "primary"), (entries[1].Text("action"), entries[1].Text("resource_type"), entries[1].Text("resource_target")));
        Assert.Equal(201, entries[1].GetProperty("status_code").GetInt32());
        Assert.All(entries.EnumerateArray(), entry => Assert.Equal(id, entry.GetProperty("user").Id()));
    }

    [Fact]
    public async Task Is_one_however_many_ask_at_once()
    {
        await using var fresh = await api.StartAnotherAsync();

        // Nobody may write until all of them have looked whether there is somebody, or wait for their turn to.
        await using var connection = await Database(fresh).OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("lock table users.users in share mode", connection, transaction);
        await hold.ExecuteNonQueryAsync();
        var asking = Enumerable.Range(0, 8).Select(i => fresh.Client().PostAsJsonAsync(Path, Request($"primary-{i}"))).ToList();
        await People.EventuallyAsync(async () =>
        {
            await using var waiting = Database(fresh).CreateCommand(
                "select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())");
            return (long)(await waiting.ExecuteScalarAsync())! == asking.Count;
        });
        await transaction.CommitAsync();
        var answers = await Task.WhenAll(asking);
        Assert.Equal(
            [HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.Conflict, 7)],
            answers.Select(answer => answer.StatusCode).Order());
        foreach (var loser in answers.Where(answer => answer.StatusCode == HttpStatusCode.Conflict))
        {
            await loser.ShouldRefuseAsync(HttpStatusCode.Conflict);
        }

        var winner = answers.ToList().FindIndex(answer => answer.StatusCode == HttpStatusCode.Created);
        var users = await (await LoggedInAsync(fresh, $"primary-{winner}")).ReadAsync("/api/v2/users");
        Assert.Equal(1, users.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData(ModularApi.Password)]
    [InlineData("weak")]
    public async Task Twice_is_409_whatever_the_password(string password)
    {
        var request = Request("second");
        request["password"] = password;
        using var second = await api.Anonymous.PostAsJsonAsync(Path, request);
        await second.ShouldRefuseAsync(HttpStatusCode.Conflict);
        using var signedIn = await api.As(api.Owner).PostAsJsonAsync(Path, request);
        await signedIn.ShouldRefuseAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Obeys_the_rules_of_every_field()
    {
        await using var fresh = await api.StartAnotherAsync();
        await RefusedAsync([], "email", "username", "password");
        await RefusedAsync(Request("-", "bad", name: " x"), "username", "email", "name");
        await RefusedAsync(Request("primary", name: new string('a', 129)), "name");
        await RefusedAsync(Request("primary", name: "x "), "name");
        await RefusedAsync(With(Request("primary"), "password", "weak"), "password");
        await RefusedAsync(With(Request("primary"), "password", ""), "password");
        using var accepted = await fresh.Client().PostAsJsonAsync(Path, Request("primary", name: new string('a', 128)));
        await accepted.ShouldBeAsync(HttpStatusCode.Created);

        async Task RefusedAsync(Dictionary<string, object?> request, params string[] fields)
        {
            using var refused = await fresh.Client().PostAsJsonAsync(Path, request);
            await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
        }
    }

    [Fact]
    public async Task May_ask_for_a_trial_in_vain()
    {
        await using var fresh = await api.StartAnotherAsync();
        var request = With(Request("primary"), "trial", true);
        request["trial_info"] = new { first_name = "A", last_name = "B", developers = "1-20" };
        request["onboarding_info"] = new { newsletter_marketing = true, newsletter_releases = false };
        using var first = await fresh.Client().PostAsJsonAsync(Path, request);
        await first.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Can_be_made_again_when_no_user_is_left()
    {
        await using var fresh = await api.StartAnotherAsync();
        using var first = await fresh.Client().PostAsJsonAsync(Path, Request("primary"));
        await first.ShouldBeAsync(HttpStatusCode.Created);
        await using var delete = Database(fresh).CreateCommand("update users.users set deleted = true");
        await delete.ExecuteNonQueryAsync();

        using var none = await fresh.Client().GetAsync(Path);
        await none.ShouldRefuseAsync(HttpStatusCode.NotFound);
        using var again = await fresh.Client().PostAsJsonAsync(Path, Request("primary"));
        await again.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Needs_the_setup_token_while_there_is_one()
    {
        await using var fresh = await api.StartAnotherAsync(new() { ["Modular:Setup:Token"] = "open-sesame" });
        foreach (var token in new[] { null, "", "open", "open-sesame2", "OPEN-SESAME" })
        {
            using var refused = await PostAsync(token, Request("primary"));
            await refused.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        }

        using var still = await fresh.Client().GetAsync(Path);
        await still.ShouldRefuseAsync(HttpStatusCode.NotFound);
        using var created = await PostAsync("open-sesame", Request("primary"));
        await created.ShouldBeAsync(HttpStatusCode.Created);
        using var late = await PostAsync("open-sesame", Request("second"));
        await late.ShouldRefuseAsync(HttpStatusCode.Conflict);

        async Task<HttpResponseMessage> PostAsync(string? token, Dictionary<string, object?> request)
        {
            var client = fresh.Client();
            if (token is not null)
            {
                client.DefaultRequestHeaders.TryAddWithoutValidation("X-Modular-Setup-Token", token);
            }

            return await client.PostAsJsonAsync(Path, request);
        }
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    public async Task Is_not_made_by_a_foreign_page(string header, string value)
    {
        await using var fresh = await api.StartAnotherAsync();
        var page = fresh.Client();
        page.DefaultRequestHeaders.Add(header, value);
        using var refused = await page.PostAsJsonAsync(Path, Request("primary"));
        await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest);
        using var none = await fresh.Client().GetAsync(Path);
        await none.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    private static NpgsqlDataSource Database(ModularApi.OtherServer server) =>
        (NpgsqlDataSource)server.Services.GetService(typeof(NpgsqlDataSource))!;

    private static Dictionary<string, object?> Request(string username, string? email = null, string name = "") => new()
    {
        ["email"] = email ?? $"{username}@example.com",
        ["username"] = username,
        ["name"] = name,
        ["password"] = ModularApi.Password,
    };

    private static Dictionary<string, object?> With(Dictionary<string, object?> request, string member, object? value)
    {
        request[member] = value;
        return request;
    }

    private static async Task<HttpClient> LoggedInAsync(ModularApi.OtherServer server, string username)
    {
        using var login = await server.Client().LogInAsync($"{username}@example.com");
        return server.Client((await login.ShouldBeAsync(HttpStatusCode.Created)).Text("session_token"));
    }
}
