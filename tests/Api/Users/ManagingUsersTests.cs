using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Users;

/// <summary>Profile, password, roles and status: users-and-auth.md 12 to 15. Each table row is a row or a case there.</summary>
[Collection(SecondApi.Name)]
public sealed class ManagingUsersTests(ModularApi api)
{
    private const string NewPassword = "MyTotallySecureP4ss";

    [Theory]
    [InlineData("member", "own", false, 200)]
    [InlineData("member", "own", true, 404)]
    [InlineData("owner", "own", true, 200)]
    [InlineData("owner", "member", true, 200)]
    [InlineData("user-admin", "member", true, 200)]
    [InlineData("user-admin", "owner", true, 403)]
    [InlineData("user-admin", "owner", false, 403)]
    [InlineData("auditor", "member", true, 404)]
    [InlineData("auditor", "member", false, 403)]
    [InlineData("member", "member", false, 404)]
    public async Task A_profile_is_changed_by_who_may_and_a_username_by_who_manages_people(string role, string whose, bool rename, int status)
    {
        var caller = await api.RegisterUserAsync(role);
        var target = whose switch { "own" => caller, "owner" => await api.RegisterUserAsync("owner"), _ => await api.RegisterUserAsync() };
        var username = rename ? $"x{target.Username}" : target.Username;

        using var answer = await api.As(caller).PutAsJsonAsync($"/api/v2/users/{target.Id}/profile", new { username, name = "Some Name" });

        var body = await answer.ShouldBeAsync((HttpStatusCode)status);
        if (status == 200)
        {
            Assert.Equal((username, "Some Name"), (Text(body, "username"), Text(body, "name")));
            Assert.Equal(username, Text(await (await api.As(target).GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.OK), "username"));
        }
    }

    [Fact]
    public async Task A_username_of_somebody_else_is_a_conflict_and_another_case_of_the_own_is_not()
    {
        var (one, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        using var owner = api.As(api.Owner);
        var path = $"/api/v2/users/{one.Id}/profile";

        await (await owner.PutAsJsonAsync(path, new { username = other.Username.ToUpperInvariant() })).ShouldRefuseAsync(HttpStatusCode.Conflict, "username");
        await (await owner.PutAsJsonAsync(path, new { username = one.Username.ToUpperInvariant() })).ShouldBeAsync(HttpStatusCode.OK);
        await (await owner.PutAsJsonAsync(path, new { })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "username");
        await (await owner.PutAsJsonAsync(path, new { username = "a--b", name = " x" })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "username", "name");
        await (await owner.PutAsJsonAsync("/api/v2/users/nobody/profile", new { username = "-" })).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ones_own_password_needs_the_old_one_and_its_change_ends_every_key()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        using var client = api.As(user);
        const string Path = "/api/v2/users/me/password";

        await (await client.PutAsJsonAsync(Path, new { })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
        await (await client.PutAsJsonAsync(Path, new { password = NewPassword })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "old_password");
        await (await client.PutAsJsonAsync(Path, new { password = NewPassword, old_password = "wrong" })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "old_password");
        await (await client.PutAsJsonAsync(Path, new { password = "weak", old_password = ModularApi.Password })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
        var same = await (await client.PutAsJsonAsync(Path, new { password = ModularApi.Password, old_password = ModularApi.Password }))
            .ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.Contains("New password cannot match old password.", Text(same, "message"), StringComparison.Ordinal);
        await (await client.GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(
            HttpStatusCode.NoContent, (await client.PutAsJsonAsync(Path, new { password = NewPassword, old_password = ModularApi.Password })).StatusCode);

        await (await client.GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await (await api.WithKey(token).GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await api.LogInAsync(user.Id, user.Username, NewPassword);
        await (await api.Anonymous.PostAsJsonAsync("/api/v2/users/login", new { email = $"{user.Username}@example.com", password = ModularApi.Password }))
            .ShouldRefuseAsync(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("owner", "member", 204)]
    [InlineData("user-admin", "member", 204)]
    [InlineData("user-admin", "owner", 403)]
    [InlineData("user-admin", "auditor", 403)]
    [InlineData("owner", "owner", 204)]
    [InlineData("auditor", "member", 404)]
    [InlineData("template-admin", "member", 404)]
    [InlineData("member", "owner", 404)]
    public async Task Anothers_password_is_set_without_the_old_one_by_who_manages_people_and_is_not_below_them(string role, string target, int status)
    {
        var user = await api.RegisterUserAsync(target);
        using var caller = api.As(await api.RegisterUserAsync(role));

        using var answer = await caller.PutAsJsonAsync($"/api/v2/users/{user.Id}/password", new { password = NewPassword, old_password = "" });

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 204 ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, (await api.As(user).GetAsync("/api/v2/users/me")).StatusCode);
    }

    [Fact]
    public async Task Who_does_not_log_in_with_a_password_gets_none()
    {
        using var owner = api.As(api.Owner);
        var made = await owner.PostAsJsonAsync(
            "/api/v2/users", new { username = $"svc-{api.Owner.Id:N}"[..20], service_account = true, organization_ids = new[] { api.Organization } });
        var id = Text(await made.ShouldBeAsync(HttpStatusCode.Created), "id");

        await (await owner.PutAsJsonAsync($"/api/v2/users/{id}/password", new { password = NewPassword })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("owner", "member", "user-admin", 200)]
    [InlineData("owner", "owner", "", 200)]
    [InlineData("owner", "member", "no-such", 400)]
    [InlineData("owner", "member", "organization-admin", 400)]
    [InlineData("user-admin", "member", "member", 200)]
    [InlineData("user-admin", "member", "", 200)]
    [InlineData("user-admin", "member", "owner", 400)]
    [InlineData("user-admin", "member", "auditor", 400)]
    [InlineData("user-admin", "member", "user-admin", 400)]
    [InlineData("user-admin", "owner", "", 400)]
    [InlineData("user-admin", "auditor", "", 400)]
    [InlineData("auditor", "member", "member", 403)]
    [InlineData("template-admin", "member", "member", 403)]
    [InlineData("member", "member", "member", 404)]
    public async Task Roles_are_given_and_taken_by_who_may_assign_them(string role, string target, string roles, int status)
    {
        var user = await api.RegisterUserAsync(target == "member" ? [] : [target]);
        using var caller = api.As(await api.RegisterUserAsync(role));
        string[] wanted = roles.Length == 0 ? [] : [roles, roles];

        using var answer = await caller.PutAsJsonAsync($"/api/v2/users/{user.Id}/roles", new { roles = wanted });

        var body = await answer.ShouldBeAsync((HttpStatusCode)status);
        if (status == 200)
        {
            Assert.Equal(wanted.Distinct(), body.GetProperty("roles").EnumerateArray().Select(given => Text(given, "name")));
        }
    }

    [Fact]
    public async Task Nobody_changes_the_own_roles_and_new_ones_count_at_once()
    {
        var user = await api.RegisterUserAsync();
        using var owner = api.As(api.Owner);
        await (await owner.PutAsJsonAsync("/api/v2/users/me/roles", new { roles = new[] { "owner" } })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        await (await api.As(user).GetAsync($"/api/v2/users/{api.Owner.Id}")).ShouldRefuseAsync(HttpStatusCode.NotFound);

        await (await owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/roles", new { roles = new[] { "auditor" } })).ShouldBeAsync(HttpStatusCode.OK);
        await (await api.As(user).GetAsync($"/api/v2/users/{api.Owner.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        var roles = await (await api.As(user).GetAsync("/api/v2/users/me/roles")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("""[{"name":"auditor","display_name":"Auditor"}]""", roles.GetProperty("roles").ToString());
        Assert.Equal($$"""{"{{api.Organization}}":[]}""", roles.GetProperty("organization_roles").ToString());
        await (await api.As(user).GetAsync($"/api/v2/users/{api.Owner.Id}/roles")).ShouldRefuseAsync(HttpStatusCode.NotFound);

        await (await owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/roles", new { roles = (string[]?)null })).ShouldBeAsync(HttpStatusCode.OK);
        await (await api.As(user).GetAsync($"/api/v2/users/{api.Owner.Id}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_suspended_user_is_refused_everywhere_and_works_again_once_activated()
    {
        var user = await api.RegisterUserAsync();
        using var owner = api.As(api.Owner);

        var suspended = await (await owner.PutAsync($"/api/v2/users/{user.Id}/status/suspend", null)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("suspended", Text(suspended, "status"));
        await (await api.As(user).GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        var login = await api.Anonymous.PostAsJsonAsync("/api/v2/users/login", new { email = $"{user.Username}@example.com", password = ModularApi.Password });
        Assert.Contains("suspended", Text(await login.ShouldBeAsync(HttpStatusCode.Unauthorized), "message"), StringComparison.Ordinal);

        var active = await (await owner.PutAsync($"/api/v2/users/{user.Id}/status/activate", null)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("active", Text(active, "status"));
        await (await api.As(user).GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("owner", "own", 400, 200)]
    [InlineData("owner", "owner", 400, 200)]
    [InlineData("user-admin", "member", 200, 200)]
    [InlineData("user-admin", "auditor", 403, 403)]
    [InlineData("user-admin", "owner", 400, 403)]
    [InlineData("auditor", "member", 403, 403)]
    [InlineData("auditor", "owner", 400, 403)]
    [InlineData("member", "member", 404, 404)]
    public async Task Status_is_for_who_manages_people_and_owners_are_not_suspended(string role, string whose, int suspend, int activate)
    {
        var caller = await api.RegisterUserAsync(role);
        var target = whose == "own" ? caller : await api.RegisterUserAsync(whose == "member" ? [] : [whose]);

        Assert.Equal(suspend, (int)(await api.As(caller).PutAsync($"/api/v2/users/{target.Id}/status/suspend", null)).StatusCode);
        Assert.Equal(activate, (int)(await api.As(caller).PutAsync($"/api/v2/users/{target.Id}/status/activate", null)).StatusCode);
    }

    [Fact]
    public async Task A_login_stores_the_password_anew_when_the_parameters_are_older()
    {
        // "SomeSecurePassword!" at one pass of 8 MiB, as an older server might have stored it.
        var user = await api.RegisterUserAsync();
        var old = OldHash.Of(ModularApi.Password);
        await using var database = await api.OpenDatabaseAsync();
        await using (var store = new NpgsqlCommand("update users.users set hashed_password = $1 where id = $2", database))
        {
            store.Parameters.Add(new NpgsqlParameter { Value = old });
            store.Parameters.Add(new NpgsqlParameter { Value = user.Id });
            await store.ExecuteNonQueryAsync();
        }

        await api.LogInAsync(user.Id, user.Username);

        await using var read = new NpgsqlCommand($"select hashed_password from users.users where id = '{user.Id}'", database);
        var stored = (string)(await read.ExecuteScalarAsync())!;
        Assert.NotEqual(old, stored);
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", stored, StringComparison.Ordinal);
        await api.LogInAsync(user.Id, user.Username);
    }

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;
}
