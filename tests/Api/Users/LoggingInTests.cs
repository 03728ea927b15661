using System.Net;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Logging in with e-mail address and password: users-and-auth.md 17.1.</summary>
[Collection(SecondApi.Name)]
public sealed class LoggingInTests(ModularApi api)
{
    private const string WrongPassword = "NotThePassword!23";

    [Fact]
    public async Task Answers_a_key_that_works()
    {
        var user = await api.CreateAsync();
        using var login = await api.Anonymous.LogInAsync(user.Text("email"));
        var session = await login.ShouldBeAsync(HttpStatusCode.Created);

        Assert.Equal("session_token", Assert.Single(session.EnumerateObject()).Name);
        var client = api.WithKey(session.Text("session_token"));
        Assert.Equal(user.Id(), (await client.ReadAsync("/api/v2/users/me")).Id());
        var key = await client.ReadAsync($"/api/v2/users/me/keys/{session.Text("session_token")[..10]}");
        Assert.Equal(("password", "all", ""), (key.Text("login_type"), key.Text("scope"), key.Text("token_name")));
        Assert.Equal(86_400, key.GetProperty("lifetime_seconds").GetInt64());
    }

    [Fact]
    public async Task A_session_lives_as_long_as_the_operator_says()
    {
        await using var other = await api.StartAnotherAsync(new() { ["Modular:Sessions:Duration"] = "90m" }, sameDatabase: true);
        var user = await api.RegisterUserAsync();
        using var login = await other.Client().LogInAsync($"{user.Username}@example.com");
        var session = (await login.ShouldBeAsync(HttpStatusCode.Created)).Text("session_token");
        var key = await api.WithKey(session).ReadAsync($"/api/v2/users/me/keys/{session[..10]}");
        Assert.Equal(5_400, key.GetProperty("lifetime_seconds").GetInt64());
        Assert.Equal(
            TimeSpan.FromMinutes(90), key.GetProperty("expires_at").GetDateTimeOffset() - key.GetProperty("created_at").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("{0}@example.com")]
    [InlineData("{0}@EXAMPLE.com")]
    [InlineData("{1}@Example.Com")]
    public async Task Ignores_the_case_of_the_address(string form)
    {
        var user = await api.RegisterUserAsync();
        var address = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, user.Username, user.Username.ToUpperInvariant());
        using var login = await api.Anonymous.LogInAsync(address);
        await login.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Folds_no_other_letter_into_an_ascii_one()
    {
        var name = People.NewName("k");
        await api.CreateAsync(api.Request(name));
        using var kelvin = await api.Anonymous.LogInAsync($"\u212a{name[1..]}@example.com");
        await kelvin.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Who_cannot_log_in_gets_one_and_the_same_body()
    {
        var user = await api.RegisterUserAsync();
        var deleted = await api.RegisterUserAsync();
        using var deletion = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{deleted.Id}");
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
        var suspended = await api.RegisterUserAsync();
        await api.SetStatusAsync(suspended.Id, "suspended");
        var converted = await api.RegisterUserAsync();
        await api.ExecuteAsync("update users.users set login_type = 'github' where id = $1", converted.Id);
        var passwordless = await api.RegisterUserAsync();
        await api.ExecuteAsync("update users.users set login_type = 'oidc', hashed_password = null where id = $1", passwordless.Id);
        var broken = await api.RegisterUserAsync();
        await api.ExecuteAsync("update users.users set hashed_password = '' where id = $1", broken.Id);

        var bodies = new HashSet<string>();
        foreach (var (address, password) in new[]
        {
            ($"{People.NewName()}@example.com", ModularApi.Password),
            ($"{user.Username}@example.com", WrongPassword),
            ($"{user.Username}@example.com", ModularApi.Password.ToUpperInvariant()),
            ($"{user.Username}@example.com", ModularApi.Password + " "),
            ($"{deleted.Username}@example.com", ModularApi.Password),
            ($"{suspended.Username}@example.com", WrongPassword),
            ($"{converted.Username}@example.com", ModularApi.Password),
            ($"{converted.Username}@example.com", WrongPassword),
            ($"{passwordless.Username}@example.com", ModularApi.Password),
            ($"{broken.Username}@example.com", ModularApi.Password),
        })
        {
            using var login = await api.Anonymous.LogInAsync(address, password);
            var error = await login.ShouldBeAsync(HttpStatusCode.Unauthorized);
            Assert.False(error.TryGetProperty("validations", out _));
            Assert.Empty(login.Headers.WwwAuthenticate);
            bodies.Add(await login.Content.ReadAsStringAsync());
        }

        Assert.Single(bodies);
    }

    [Fact]
    public async Task A_service_account_has_no_address_to_log_in_with()
    {
        var account = await api.CreateAsync(api.ServiceAccount());
        using var empty = await api.Anonymous.LogInAsync("");
        await empty.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email");
        using var byName = await api.Anonymous.LogInAsync(account.Text("username"));
        await byName.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email");
    }

    [Fact]
    public async Task Only_who_knows_the_password_is_told_of_a_suspension()
    {
        var user = await api.RegisterUserAsync();
        await api.SetStatusAsync(user.Id, "suspended");
        using var right = await api.Anonymous.LogInAsync($"{user.Username}@example.com");
        var told = (await right.ShouldBeAsync(HttpStatusCode.Unauthorized)).ToString();
        Assert.Contains("suspended", told, StringComparison.Ordinal);
        Assert.Contains("administrator", told, StringComparison.Ordinal);

        using var wrong = await api.Anonymous.LogInAsync($"{user.Username}@example.com", WrongPassword);
        Assert.DoesNotContain("suspended", (await wrong.ShouldBeAsync(HttpStatusCode.Unauthorized)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_by_address_only_never_by_username()
    {
        var user = await api.RegisterUserAsync();
        using var login = await api.Anonymous.LogInAsync(user.Username);
        await login.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email");
    }

    [Theory]
    [InlineData("""{}""", "email", "password")]
    [InlineData("""{"email":"","password":""}""", "email", "password")]
    [InlineData("""{"email":"nobody@example.com"}""", "password")]
    [InlineData("""{"email":"nobody@example.com","password":null}""", "password")]
    [InlineData("""{"password":"x"}""", "email")]
    [InlineData("""{"email":"nobody","password":"x"}""", "email")]
    [InlineData("""{"email":"nobody@localhost"}""", "email", "password")]
    public async Task Broken_field_rules_are_400(string body, params string[] fields)
    {
        using var login = await api.Anonymous.PostAsync("/api/v2/users/login", new StringContent(body));
        await login.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    [Fact]
    public async Task A_disabled_password_login_is_403_before_anything_is_compared()
    {
        await using var other = await api.StartAnotherAsync(new() { ["Modular:PasswordAuth:Disabled"] = "true" }, sameDatabase: true);
        foreach (var (address, password) in new[]
        {
            ("owner@example.com", ModularApi.Password), ("owner@example.com", WrongPassword), ("nobody@example.com", ModularApi.Password),
        })
        {
            using var login = await other.Client().LogInAsync(address, password);
            await login.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        }

        using var broken = await other.Client().LogInAsync("");
        await broken.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email");
    }

    [Fact]
    public async Task Earlier_sessions_stay()
    {
        var user = await api.RegisterUserAsync();
        var second = await api.LogInAsync(user.Id, user.Username);
        Assert.NotEqual(user.Session, second.Session);
        await api.As(user).ReadAsync("/api/v2/users/me");
        await api.As(second).ReadAsync("/api/v2/users/me");
    }

    [Fact]
    public async Task Is_recorded_when_it_succeeds()
    {
        var user = await api.RegisterUserAsync();
        using var login = await api.Anonymous.LogInAsync($"{user.Username}@example.com");
        var entry = await RecordedAsync(login);
        Assert.Equal(("login", "api_key", ""), (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target")));
        Assert.Equal(user.Id, entry.GetProperty("user").Id());
        Assert.Equal(user.Id, entry.GetProperty("resource_id").GetGuid());
        Assert.Equal(201, entry.GetProperty("status_code").GetInt32());
        Assert.Empty(entry.GetProperty("diff").EnumerateObject());
    }

    [Theory]
    [InlineData("active", WrongPassword)]
    [InlineData("dormant", WrongPassword)]
    [InlineData("suspended", WrongPassword)]
    [InlineData("suspended", ModularApi.Password)]
    public async Task Of_a_known_user_is_recorded_when_it_fails(string status, string password)
    {
        var user = await api.RegisterUserAsync();
        await api.SetStatusAsync(user.Id, status);
        using var login = await api.Anonymous.LogInAsync($"{user.Username}@example.com", password);
        await login.ShouldRefuseAsync(HttpStatusCode.Unauthorized);

        var entry = await RecordedAsync(login);
        Assert.Equal(("login", "api_key"), (entry.Text("action"), entry.Text("resource_type")));
        Assert.Equal(user.Id, entry.GetProperty("user").Id());
        Assert.Equal(Guid.Empty, entry.GetProperty("resource_id").GetGuid());
        Assert.Equal(401, entry.GetProperty("status_code").GetInt32());
        Assert.Empty(entry.GetProperty("diff").EnumerateObject());
        Assert.Equal(status, (await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}")).Text("status"));
    }

    [Fact]
    public async Task Of_an_unknown_address_is_not_recorded()
    {
        using var login = await api.Anonymous.LogInAsync($"{People.NewName()}@example.com");
        await login.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        Assert.Empty(await api.AuditAsync($"request_id:{Assert.Single(login.Headers.GetValues("X-Request-Id"))}"));
    }

    [Fact]
    public async Task Needs_the_password_as_it_was_chosen_in_any_unicode_form()
    {
        var request = api.Request();
        request["password"] = "Zw\u00f6lf Boxk\u00e4mpfer \ufb01nden";
        var user = await api.CreateAsync(request);
        using var decomposed = await api.Anonymous.LogInAsync(user.Text("email"), "Zwo\u0308lf Boxka\u0308mpfer finden");
        await decomposed.ShouldBeAsync(HttpStatusCode.Created);
    }

    private async Task<JsonElement> RecordedAsync(HttpResponseMessage answer) => Assert.Single(
        await api.AuditAsync($"request_id:{Assert.Single(answer.Headers.GetValues("X-Request-Id"))}"));
}
