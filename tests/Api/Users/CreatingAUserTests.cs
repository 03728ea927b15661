using System.Net;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Creating users and service accounts: users-and-auth.md 8, and who may give which role: 5.3.</summary>
[Collection(SecondApi.Name)]
public sealed class CreatingAUserTests(ModularApi api)
{
    private static readonly string[] unknownRole = ["no-such"];

    private static readonly Guid nowhere = Guid.Parse("11111111-1111-4111-8111-111111111111");

    [Fact]
    public async Task Of_nothing_names_what_is_needed()
    {
        using var answer = await api.PostUserAsync([]);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email", "username");
    }

    [Fact]
    public async Task Makes_a_dormant_user_who_is_active_after_logging_in()
    {
        var user = await api.CreateAsync();
        Assert.Equal("dormant", user.Text("status"));
        using var login = await api.Anonymous.LogInAsync(user.Text("email"));
        await login.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("active", (await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id()}")).Text("status"));
    }

    [Theory]
    [InlineData("user_status", "active", "active")]
    [InlineData("user_status", "dormant", "dormant")]
    [InlineData("user_status", "", "dormant")]
    [InlineData("user_status", null, "dormant")]
    [InlineData("login_type", "", "dormant")]
    [InlineData("login_type", "password", "dormant")]
    [InlineData("login_type", null, "dormant")]
    public async Task Takes_status_and_login_type(string member, string? value, string status)
    {
        var request = api.Request();
        request[member] = value;
        var user = await api.CreateAsync(request);
        Assert.Equal((status, "password"), (user.Text("status"), user.Text("login_type")));
    }

    [Theory]
    [InlineData("suspended")]
    [InlineData("Active")]
    [InlineData("inactive")]
    public async Task With_another_status_is_400(string status)
    {
        var request = api.Request();
        request["user_status"] = status;
        using var answer = await api.PostUserAsync(request);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "user_status");
    }

    [Fact]
    public async Task Needs_an_organization()
    {
        foreach (var organizations in new object?[] { null, Array.Empty<Guid>() })
        {
            var request = api.Request();
            request["organization_ids"] = organizations;
            using var answer = await api.PostUserAsync(request);
            await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "organization_ids");
        }
    }

    [Fact]
    public async Task Takes_organizations_in_every_form_that_clients_send()
    {
        var @default = api.Organization;
        foreach (var (ids, id) in new (object?, object?)[]
        {
            (new[] { @default }, null),
            (new[] { Guid.Empty }, null),
            (null, @default),
            (Array.Empty<Guid>(), @default),
            (new[] { @default, @default }, null),
            (new[] { @default }, @default),
            (new[] { @default }, Guid.Empty),
            (new[] { Guid.Empty, @default }, null),
            (new[] { Guid.Empty, Guid.Empty }, @default),
            (new[] { @default.ToString("N") }, null),
        })
        {
            var request = api.Request();
            request["organization_ids"] = ids;
            request["organization_id"] = id;
            var user = await api.CreateAsync(request);
            Assert.Equal(@default, Assert.Single(user.GetProperty("organization_ids").EnumerateArray()).GetGuid());
        }
    }

    [Fact]
    public async Task In_an_unknown_organization_is_404()
    {
        var request = api.Request();
        request["organization_ids"] = new[] { api.Organization, nowhere };
        using var answer = await api.PostUserAsync(request);
        var error = await answer.ShouldBeAsync(HttpStatusCode.NotFound);
        Assert.Equal("message", Assert.Single(error.EnumerateObject()).Name);
    }

    [Fact]
    public async Task With_a_name_or_an_address_in_use_is_409_in_any_case_and_names_no_field()
    {
        var user = await api.CreateAsync();
        foreach (var (member, value) in new[]
        {
            ("username", user.Text("username")), ("username", user.Text("username").ToUpperInvariant()),
            ("email", user.Text("email")), ("email", user.Text("email").ToUpperInvariant()),
        })
        {
            var request = api.Request();
            request[member] = value;
            using var answer = await api.PostUserAsync(request);
            await answer.ShouldRefuseAsync(HttpStatusCode.Conflict);
        }
    }

    [Fact]
    public async Task With_a_look_alike_of_an_address_is_fine()
    {
        var name = People.NewName("k");
        await api.CreateAsync(api.Request(name));
        var request = api.Request();
        request["email"] = $"\u212a{name[1..]}@example.com";
        await api.CreateAsync(request);
    }

    [Fact]
    public async Task Again_after_deletion_works_and_makes_somebody_else()
    {
        var request = api.Request();
        var first = await api.CreateAsync(request);
        using var deletion = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{first.Id()}");
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
        var second = await api.CreateAsync(request);
        Assert.NotEqual(first.Id(), second.Id());
        Assert.Equal(second.Id(), (await api.As(api.Owner).ReadAsync($"/api/v2/users/{request["username"]}")).Id());
    }

    [Fact]
    public async Task Twice_at_once_makes_one()
    {
        var request = api.Request();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => api.PostUserAsync(request)));
        Assert.Equal(
            [HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.Conflict, 5)],
            answers.Select(answer => answer.StatusCode).Order());
        foreach (var refused in answers.Where(answer => answer.StatusCode == HttpStatusCode.Conflict))
        {
            await refused.ShouldRefuseAsync(HttpStatusCode.Conflict);
        }
    }

    [Fact]
    public async Task With_one_address_twice_at_once_makes_one()
    {
        var address = $"{People.NewName()}@example.com";
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
        {
            var request = api.Request();
            request["email"] = address;
            return api.PostUserAsync(request);
        }));
        Assert.Equal(
            [HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.Conflict, 3)],
            answers.Select(answer => answer.StatusCode).Order());
    }

    [Theory]
    [InlineData("github", false)]
    [InlineData("oidc", false)]
    [InlineData("token", false)]
    [InlineData("nonsense", false)]
    [InlineData("PASSWORD", false)]
    [InlineData("none", false)]
    [InlineData("github", true)]
    [InlineData("oidc", true)]
    [InlineData("none", true)]
    public async Task With_a_login_type_that_is_not_to_be_had_is_400_without_a_field(string loginType, bool password)
    {
        var request = api.Request();
        request["login_type"] = loginType;
        request["password"] = password ? ModularApi.Password : null;
        using var answer = await api.PostUserAsync(request);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task While_password_login_is_disabled_is_403_for_people_but_not_for_services()
    {
        await using var other = await api.StartAnotherAsync(new() { ["Modular:PasswordAuth:Disabled"] = "true" }, sameDatabase: true);
        var client = other.Client(api.Owner.Session);
        using var person = await client.PostAsync("/api/v2/users", Json(api.Request()));
        await person.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        using var service = await client.PostAsync("/api/v2/users", Json(api.ServiceAccount()));
        await service.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("login_type", "password")]
    [InlineData("login_type", "github")]
    [InlineData("password", ModularApi.Password)]
    [InlineData("email", "service@example.com")]
    public async Task As_a_service_account_takes_nothing_to_log_in_with(string member, string value)
    {
        var request = api.ServiceAccount();
        request[member] = value;
        using var answer = await api.PostUserAsync(request);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task As_service_accounts_makes_several_without_an_address()
    {
        foreach (var loginType in new[] { null, "", "none" })
        {
            var request = api.ServiceAccount();
            request["login_type"] = loginType;
            request["email"] = loginType is null ? null : "";
            var account = await api.CreateAsync(request);
            Assert.Equal("none", account.Text("login_type"));
        }
    }

    [Fact]
    public async Task Gives_a_service_account_keys_by_an_owner()
    {
        var account = await api.CreateAsync(api.ServiceAccount());
        using var made = await api.As(api.Owner).PostAsync($"/api/v2/users/{account.Id()}/keys/tokens", Json([]));
        var key = (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
        Assert.Equal(account.Id(), (await api.WithKey(key).ReadAsync("/api/v2/users/me")).Id());
    }

    /// <summary>Each request breaks a rule and the one after it in the contract's order; the first one answers.</summary>
    public static TheoryData<string, Dictionary<string, object?>, HttpStatusCode, string[]> Order => new()
    {
        { "1 before 2", new() { ["username"] = "-", ["service_account"] = true }, HttpStatusCode.BadRequest, ["username"] },
        { "2 before 7", new() { ["service_account"] = true, ["organization_ids"] = null }, HttpStatusCode.BadRequest, [] },
        { "4 before 7", new() { ["login_type"] = "none", ["organization_ids"] = null }, HttpStatusCode.BadRequest, [] },
        { "5 before 7", new() { ["login_type"] = "oidc", ["organization_ids"] = null }, HttpStatusCode.BadRequest, [] },
        { "7 before 8", new() { ["email"] = "owner@example.com", ["organization_ids"] = null }, HttpStatusCode.BadRequest, ["organization_ids"] },
        { "8 before 9", new() { ["email"] = "owner@example.com", ["organization_ids"] = new[] { nowhere } }, HttpStatusCode.Conflict, [] },
        { "8 before 10", new() { ["username"] = "OWNER", ["password"] = "weak" }, HttpStatusCode.Conflict, [] },
        { "9 before 10", new() { ["password"] = "weak", ["organization_ids"] = new[] { nowhere } }, HttpStatusCode.NotFound, [] },
        { "9 before 11", new() { ["password"] = null, ["login_type"] = "oidc", ["organization_ids"] = new[] { nowhere } }, HttpStatusCode.NotFound, [] },
        { "10 before 13", new() { ["password"] = "weak", ["roles"] = unknownRole }, HttpStatusCode.BadRequest, ["password"] },
        { "11 before 13", new() { ["password"] = null, ["login_type"] = "oidc", ["roles"] = unknownRole }, HttpStatusCode.BadRequest, [] },
        { "roles before status", new() { ["roles"] = unknownRole, ["user_status"] = "x" }, HttpStatusCode.BadRequest, ["roles"] },
    };

    [Theory, MemberData(nameof(Order))]
    public async Task Answers_the_first_rule_that_is_broken(
        string which, Dictionary<string, object?> changes, HttpStatusCode status, string[] fields)
    {
        Assert.NotEmpty(which);
        var request = api.Request();
        foreach (var (member, value) in changes)
        {
            request[member] = value;
        }

        using var answer = await api.PostUserAsync(request);
        await answer.ShouldRefuseAsync(status, fields);
    }

    [Theory]
    [InlineData("member")]
    [InlineData("auditor")]
    [InlineData("template-admin")]
    public async Task By_who_may_not_is_403_and_tells_nothing(string role)
    {
        var caller = await api.RegisterUserAsync(role);
        var bodies = new HashSet<string>();
        foreach (var (member, value) in new (string, object?)[]
        {
            ("name", "ordinary"), ("email", "owner@example.com"), ("organization_ids", new[] { nowhere }), ("organization_ids", null),
            ("password", "weak"), ("roles", unknownRole), ("login_type", "none"),
        })
        {
            var request = api.Request();
            request[member] = value;
            using var answer = await api.PostUserAsync(request, by: caller);
            await answer.ShouldRefuseAsync(HttpStatusCode.Forbidden);
            bodies.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(bodies);
        using var broken = await api.PostUserAsync([], by: caller);
        await broken.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email", "username");
    }

    [Theory]
    [InlineData("owner", "owner", HttpStatusCode.Created)]
    [InlineData("owner", "auditor", HttpStatusCode.Created)]
    [InlineData("owner", "member", HttpStatusCode.Created)]
    [InlineData("owner", "template-admin", HttpStatusCode.Created)]
    [InlineData("owner", "user-admin", HttpStatusCode.Created)]
    [InlineData("user-admin", "member", HttpStatusCode.Created)]
    [InlineData("user-admin", null, HttpStatusCode.Created)]
    [InlineData("user-admin", "owner", HttpStatusCode.Forbidden)]
    [InlineData("user-admin", "auditor", HttpStatusCode.Forbidden)]
    [InlineData("user-admin", "template-admin", HttpStatusCode.Forbidden)]
    [InlineData("user-admin", "user-admin", HttpStatusCode.Forbidden)]
    public async Task Gives_the_roles_that_the_caller_may_give(string caller, string? role, HttpStatusCode status)
    {
        var request = api.Request();
        request["roles"] = role is null ? null : new[] { role, role };
        using var answer = await api.PostUserAsync(request, by: await api.RegisterUserAsync(caller));
        var user = await answer.ShouldBeAsync(status);
        if (status == HttpStatusCode.Created)
        {
            Assert.Equal(role is null ? [] : [role], user.GetProperty("roles").EnumerateArray().Select(given => given.Text("name")));
        }
    }

    [Theory]
    [InlineData("no-such")]
    [InlineData("organization-admin")]
    [InlineData("Owner")]
    [InlineData("")]
    [InlineData(null)]
    public async Task With_an_unknown_role_is_400_unless_one_may_not_be_given(string? role)
    {
        var request = api.Request();
        request["roles"] = new[] { role };
        using var byOwner = await api.PostUserAsync(request);
        await byOwner.ShouldRefuseAsync(HttpStatusCode.BadRequest, "roles");

        request["roles"] = new[] { role, "owner" };
        using var byAdmin = await api.PostUserAsync(request, by: await api.RegisterUserAsync("user-admin"));
        await byAdmin.ShouldRefuseAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Makes_no_key_and_no_session()
    {
        using var created = await api.PostUserAsync(api.Request());
        var user = await created.ShouldBeAsync(HttpStatusCode.Created);
        Assert.DoesNotContain(created.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("coder_session_token", StringComparison.Ordinal));
        Assert.Equal("[]\n", await api.As(api.Owner).GetStringAsync($"/api/v2/users/{user.Id()}/keys/tokens"));
    }

    [Fact]
    public async Task Is_recorded_once_with_the_creator_and_without_the_password()
    {
        using var created = await api.PostUserAsync(api.Request());
        var user = await created.ShouldBeAsync(HttpStatusCode.Created);
        var entry = Assert.Single(await api.AuditAsync($"request_id:{Assert.Single(created.Headers.GetValues("X-Request-Id"))}"));
        Assert.Equal(("create", "user", user.Text("username")), (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target")));
        Assert.Equal(api.Owner.Id, entry.GetProperty("user").Id());
        Assert.Equal(user.Id(), entry.GetProperty("resource_id").GetGuid());
        Assert.Equal(201, entry.GetProperty("status_code").GetInt32());
        var diff = entry.GetProperty("diff");
        Assert.Equal(("", user.Text("email")), (diff.GetProperty("email").Text("old"), diff.GetProperty("email").Text("new")));
        Assert.Equal("""{"secret":true}""", JsonSerializer.Serialize(diff.GetProperty("hashed_password")));
        Assert.False(diff.TryGetProperty("created_at", out _));
    }

    [Fact]
    public async Task That_fails_leaves_no_entry()
    {
        using var refused = await api.PostUserAsync([]);
        Assert.Empty(await api.AuditAsync($"request_id:{Assert.Single(refused.Headers.GetValues("X-Request-Id"))}"));
    }

    private static StringContent Json(Dictionary<string, object?> request) => new(JsonSerializer.Serialize(request));
}
