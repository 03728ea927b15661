using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Organizations, their members and roles: users-and-auth.md 5.1 to 5.3 and 25.</summary>
[Collection(SecondApi.Name)]
public sealed class OrganizationsTests(ModularApi api)
{
    private const string Organizations = "/api/v2/organizations";

    [Fact]
    public async Task Who_makes_one_is_its_first_member_and_administrator()
    {
        var owner = await api.RegisterUserAsync("owner");
        var made = await MakeAsync(api.As(owner), new { name = People.NewName("o"), display_name = "Ops", description = "Runs things", icon = "/x.png" });

        Assert.Equal(("Ops", "Runs things", "/x.png"), (made.Text("display_name"), made.Text("description"), made.Text("icon")));
        Assert.False(made.GetProperty("is_default").GetBoolean());
        var roles = (await api.As(owner).ReadAsync("/api/v2/users/me/roles")).GetProperty("organization_roles");
        Assert.Equal(["organization-admin"], roles.GetProperty(made.Id().ToString()).EnumerateArray().Select(role => role.GetString()));
        Assert.Equal(made.ToString(), (await api.As(owner).ReadAsync($"{Organizations}/{made.Text("name")}")).ToString());
        Assert.Contains(made.Id(), (await api.As(owner).ReadAsync("/api/v2/users/me")).GetProperty("organization_ids").EnumerateArray().Select(id => id.GetGuid()));
    }

    [Theory]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":"a_b"}""", "name")]
    [InlineData("""{"name":"new"}""", "name")]
    [InlineData("""{"name":"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"}""", "name")]
    [InlineData("""{"name":"0a2b0b0f6b5e4a0c8f8f0a2b0b0f6b5e"}""", "name")]
    [InlineData("""{"name":"fine","display_name":" x"}""", "display_name")]
    [InlineData("""{"name":"fine","display_name":"ääääääääääääääääääääääääääääääääx"}""", "display_name")]
    [InlineData("""{"name":"-","display_name":"x "}""", "name", "display_name")]
    public async Task Names_have_rules(string body, params string[] fields)
    {
        using var refused = await api.As(api.Owner).PostAsync(Organizations, new StringContent(body));
        await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        var made = await MakeAsync();
        using var again = await api.As(api.Owner).PostAsJsonAsync(Organizations, new { name = made.Text("name") });
        await again.ShouldRefuseAsync(HttpStatusCode.Conflict);
        using var @default = await api.As(api.Owner).PostAsJsonAsync(Organizations, new { name = "default" });
        await @default.ShouldRefuseAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Two_at_once_with_one_name_make_one()
    {
        var name = People.NewName("o");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.As(api.Owner).PostAsJsonAsync(Organizations, new { name })));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData("user-admin")]
    [InlineData("template-admin")]
    [InlineData("auditor")]
    [InlineData("member")]
    public async Task Only_owners_make_them(string role)
    {
        using var refused = await api.As(await api.RegisterUserAsync(role)).PostAsJsonAsync(Organizations, new { name = People.NewName("o") });
        await refused.ShouldRefuseAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task What_is_sent_changes_and_the_rest_stays()
    {
        var made = await MakeAsync(request: new { name = People.NewName("o"), display_name = "Before", description = "Stays" });
        var path = $"{Organizations}/{made.Id()}";
        using var changed = await api.As(api.Owner).PatchAsJsonAsync(path, new { display_name = "After" });
        var now = await changed.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal((made.Text("name"), "After", "Stays"), (now.Text("name"), now.Text("display_name"), now.Text("description")));
        Assert.True(now.GetProperty("updated_at").GetDateTimeOffset() > made.GetProperty("updated_at").GetDateTimeOffset());

        using var emptied = await api.As(api.Owner).PatchAsJsonAsync(path, new { display_name = "" });
        Assert.Equal(made.Text("name"), (await emptied.ShouldBeAsync(HttpStatusCode.OK)).Text("display_name"));

        using var taken = await api.As(api.Owner).PatchAsJsonAsync(path, new { name = "default" });
        await taken.ShouldRefuseAsync(HttpStatusCode.Conflict);
        using var wrong = await api.As(api.Owner).PatchAsJsonAsync(path, new { name = "" });
        await wrong.ShouldRefuseAsync(HttpStatusCode.BadRequest, "name");
    }

    [Fact]
    public async Task The_default_one_keeps_its_name_and_stays()
    {
        using var renamed = await api.As(api.Owner).PatchAsJsonAsync($"{Organizations}/default", new { name = "other" });
        await renamed.ShouldRefuseAsync(HttpStatusCode.BadRequest, "name");
        using var described = await api.As(api.Owner).PatchAsJsonAsync($"{Organizations}/default", new { name = "default", description = "Everybody" });
        Assert.Equal("Everybody", (await described.ShouldBeAsync(HttpStatusCode.OK)).Text("description"));
        using var deleted = await api.As(api.Owner).DeleteAsync($"{Organizations}/default");
        await deleted.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Deleting_one_ends_memberships_and_their_rights_at_once()
    {
        var (made, admin) = await WithAdminAsync();
        using var deleted = await api.As(api.Owner).DeleteAsync($"{Organizations}/{made.Text("name")}");
        Assert.NotEmpty((await deleted.ShouldBeAsync(HttpStatusCode.OK)).Text("message"));

        using var gone = await api.As(api.Owner).GetAsync($"{Organizations}/{made.Id()}");
        await gone.ShouldBeAsync(HttpStatusCode.NotFound);
        Assert.Equal([api.Organization], (await api.As(admin).ReadAsync("/api/v2/users/me")).GetProperty("organization_ids").EnumerateArray().Select(id => id.GetGuid()));
        using var others = await api.As(admin).GetAsync($"/api/v2/users/{api.Owner.Id}");
        await others.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Members_see_each_other_there_and_nowhere_else()
    {
        var (one, two) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        var made = await MakeAsync();
        await AddAsync(made, one);
        await AddAsync(made, two);

        var members = (await api.As(one).ReadAsync($"{Organizations}/{made.Id()}/members")).EnumerateArray().ToArray();
        Assert.Equal(new[] { "owner", one.Username, two.Username }.Order(StringComparer.Ordinal), members.Select(member => member.Text("username")));
        var other = members.Single(member => member.GetProperty("user_id").GetGuid() == two.Id);
        Assert.Equal(($"{two.Username}@example.com", "active", "password", 0), (
            other.Text("email"), other.Text("status"), other.Text("login_type"), other.GetProperty("global_roles").GetArrayLength()));
        using var read = await api.As(one).GetAsync($"/api/v2/users/{two.Id}");
        await read.ShouldBeAsync(HttpStatusCode.NotFound);

        using var stranger = await api.As(await api.RegisterUserAsync()).GetAsync($"{Organizations}/{made.Id()}/members");
        await stranger.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Members_are_paged_and_searched()
    {
        var made = await MakeAsync();
        var prefix = People.NewName("m");
        var users = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var user = await api.CreateAsync(api.Request($"{prefix}-{i}"));
            users.Add(user.Text("username"));
            using var added = await api.As(api.Owner).PostAsync($"{Organizations}/{made.Id()}/members/{user.Id()}", null);
            await added.ShouldBeAsync(HttpStatusCode.OK);
        }

        var path = $"{Organizations}/{made.Id()}/paginated-members?q={prefix}";
        var first = await api.As(api.Owner).ReadAsync($"{path}&limit=2");
        Assert.Equal((5, 2), (first.GetProperty("count").GetInt32(), first.GetProperty("members").GetArrayLength()));
        var second = await api.As(api.Owner).ReadAsync($"{path}&limit=2&after_id={first.GetProperty("members")[1].Text("user_id")}");
        var skipped = await api.As(api.Owner).ReadAsync($"{path}&offset=4");
        Assert.Equal(users, first.GetProperty("members").EnumerateArray()
            .Concat(second.GetProperty("members").EnumerateArray())
            .Concat(skipped.GetProperty("members").EnumerateArray())
            .Select(member => member.Text("username")));
        Assert.Equal(0, (await api.As(api.Owner).ReadAsync($"{path}&offset=5")).GetProperty("count").GetInt32());

        using var wrong = await api.As(api.Owner).GetAsync($"{Organizations}/{made.Id()}/paginated-members?limit=-1&q=foo:bar&after_id=x");
        await wrong.ShouldRefuseAsync(HttpStatusCode.BadRequest, "limit", "foo", "after_id");
    }

    [Fact]
    public async Task Adding_twice_is_a_conflict_and_removing_oneself_is_refused()
    {
        var user = await api.RegisterUserAsync();
        var made = await MakeAsync();
        var added = await AddAsync(made, user);
        Assert.Equal((user.Id, made.Id()), (added.GetProperty("user_id").GetGuid(), added.GetProperty("organization_id").GetGuid()));

        using var twice = await api.As(api.Owner).PostAsync($"{Organizations}/{made.Id()}/members/{user.Id}", null);
        await twice.ShouldRefuseAsync(HttpStatusCode.Conflict);
        using var oneself = await api.As(api.Owner).DeleteAsync($"{Organizations}/{made.Id()}/members/me");
        await oneself.ShouldRefuseAsync(HttpStatusCode.BadRequest);
        using var removed = await api.As(api.Owner).DeleteAsync($"{Organizations}/{made.Id()}/members/{user.Username}");
        await removed.ShouldBeAsync(HttpStatusCode.NoContent);
        using var again = await api.As(api.Owner).DeleteAsync($"{Organizations}/{made.Id()}/members/{user.Username}");
        await again.ShouldBeAsync(HttpStatusCode.NotFound);
        using var unreadable = await api.As(user).GetAsync($"{Organizations}/{made.Id()}");
        await unreadable.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_administrator_of_one_reads_every_user_and_changes_none()
    {
        var (_, admin) = await WithAdminAsync();
        var other = await api.RegisterUserAsync();
        await api.As(admin).ReadAsync($"/api/v2/users/{other.Id}");
        Assert.True((await api.As(admin).ReadAsync("/api/v2/users?limit=2")).GetProperty("count").GetInt32() > 1);

        using var suspended = await api.As(admin).PutAsync($"/api/v2/users/{other.Id}/status/suspend", null);
        await suspended.ShouldBeAsync(HttpStatusCode.Forbidden);
        using var deleted = await api.As(admin).DeleteAsync($"/api/v2/users/{other.Id}");
        await deleted.ShouldBeAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("organization-admin", true, true, true)]
    [InlineData("organization-user-admin", true, true, false)]
    [InlineData("organization-auditor", false, true, false)]
    [InlineData("organization-template-admin", false, true, false)]
    [InlineData(null, false, true, false)]
    public async Task What_each_role_may_do_in_its_organization(string? role, bool manages, bool reads, bool changes)
    {
        var made = await MakeAsync();
        var (caller, target) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        await AddAsync(made, caller);
        await SetRolesAsync(api.Owner, made, caller, role is null ? [] : [role]);
        var path = $"{Organizations}/{made.Id()}";

        using var list = await api.As(caller).GetAsync($"{path}/members");
        await list.ShouldBeAsync(reads ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        using var changed = await api.As(caller).PatchAsJsonAsync(path, new { description = "x" });
        await changed.ShouldBeAsync(changes ? HttpStatusCode.OK : HttpStatusCode.Forbidden);

        // Who cannot read the user is told nothing of it.
        using var added = await api.As(caller).PostAsync($"{path}/members/{target.Id}", null);
        await added.ShouldBeAsync(manages ? HttpStatusCode.OK : HttpStatusCode.NotFound);
        using var elsewhere = await api.As(caller).PatchAsJsonAsync($"{Organizations}/default", new { description = "x" });
        await elsewhere.ShouldBeAsync(HttpStatusCode.Forbidden);
        using var deleted = await api.As(caller).DeleteAsync(path);
        await deleted.ShouldBeAsync(changes ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("owner", "organization-admin", HttpStatusCode.OK)]
    [InlineData("user-admin", "organization-admin", HttpStatusCode.BadRequest)]
    [InlineData("user-admin", "organization-member", HttpStatusCode.OK)]
    [InlineData("user-admin", "agents-access", HttpStatusCode.OK)]
    [InlineData("organization-admin", "organization-admin", HttpStatusCode.OK)]
    [InlineData("organization-admin", "organization-auditor", HttpStatusCode.OK)]
    [InlineData("organization-user-admin", "organization-auditor", HttpStatusCode.BadRequest)]
    [InlineData("organization-user-admin", "organization-member", HttpStatusCode.OK)]
    [InlineData("template-admin", "organization-member", HttpStatusCode.Forbidden)]
    [InlineData("auditor", "organization-member", HttpStatusCode.Forbidden)]
    [InlineData("owner", "no-such", HttpStatusCode.BadRequest)]
    [InlineData("owner", "auditor", HttpStatusCode.BadRequest)]
    public async Task Who_may_give_and_take_which_role(string callersRole, string role, HttpStatusCode status)
    {
        var made = await MakeAsync();
        var inOrganization = callersRole.StartsWith("organization", StringComparison.Ordinal);
        var caller = await api.RegisterUserAsync(inOrganization ? "member" : callersRole);
        if (inOrganization)
        {
            await AddAsync(made, caller);
            await SetRolesAsync(api.Owner, made, caller, [callersRole]);
        }

        var target = await api.RegisterUserAsync();
        await AddAsync(made, target);
        using var given = await PutRolesAsync(caller, made, target, [role]);
        var answer = await given.ShouldBeAsync(status);
        if (status == HttpStatusCode.OK)
        {
            var held = answer.GetProperty("roles").EnumerateArray().Single();
            Assert.Equal((role, made.Id().ToString()), (held.Text("name"), held.Text("organization_id")));
        }
        else if (status == HttpStatusCode.BadRequest && role.StartsWith("organization", StringComparison.Ordinal))
        {
            await SetRolesAsync(api.Owner, made, target, [role]);
            using var taken = await PutRolesAsync(caller, made, target, []);
            await taken.ShouldBeAsync(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Own_roles_stay_and_only_members_have_roles()
    {
        var (made, admin) = await WithAdminAsync();
        using var own = await PutRolesAsync(admin, made, admin, []);
        await own.ShouldBeAsync(HttpStatusCode.BadRequest);
        using var stranger = await PutRolesAsync(admin, made, await api.RegisterUserAsync(), ["organization-member"]);
        await stranger.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task New_rights_hold_from_the_next_request_on()
    {
        var (made, admin) = await WithAdminAsync();
        await api.As(admin).ReadAsync($"/api/v2/users/{api.Owner.Id}");
        await SetRolesAsync(api.Owner, made, admin, []);
        using var narrowed = await api.As(admin).GetAsync($"/api/v2/users/{api.Owner.Id}");
        await narrowed.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("owner", true)]
    [InlineData("user-admin", false)]
    [InlineData("auditor", false)]
    public async Task Lists_which_roles_the_caller_may_assign(string role, bool all)
    {
        var made = await MakeAsync();
        var roles = (await api.As(await api.RegisterUserAsync(role)).ReadAsync($"{Organizations}/{made.Id()}/members/roles")).EnumerateArray().ToArray();
        Assert.Equal(
            ["agents-access", "organization-admin", "organization-auditor", "organization-template-admin", "organization-user-admin", "organization-workspace-creation-ban"],
            roles.Select(entry => entry.Text("name")));
        Assert.All(roles, entry => Assert.Equal(made.Id().ToString(), entry.Text("organization_id")));
        Assert.Equal(
            role == "user-admin" ? ["agents-access"] : all ? roles.Select(entry => entry.Text("name")) : [],
            roles.Where(entry => entry.GetProperty("assignable").GetBoolean()).Select(entry => entry.Text("name")));
    }

    [Fact]
    public async Task The_log_has_every_change_with_its_organization_and_its_administrators_read_it()
    {
        var (made, admin) = await WithAdminAsync();
        var target = await api.RegisterUserAsync();
        await AddAsync(made, target);
        await SetRolesAsync(admin, made, target, ["organization-auditor"]);
        using var changed = await api.As(admin).PatchAsJsonAsync($"{Organizations}/{made.Id()}", new { description = "x" });
        await changed.ShouldBeAsync(HttpStatusCode.OK);
        using var removed = await api.As(admin).DeleteAsync($"{Organizations}/{made.Id()}/members/{target.Id}");
        await removed.ShouldBeAsync(HttpStatusCode.NoContent);

        foreach (var (reader, q) in new[] { (api.Owner, $"organization:{made.Text("name")}"), (admin, ""), (admin, $"organization:{made.Id()}") })
        {
            var log = (await api.As(reader).ReadAsync($"/api/v2/audit?q={q}")).GetProperty("audit_logs").EnumerateArray().ToArray();
            Assert.Equal(
                [
                    ("delete", "organization_member", target.Username),
                    ("write", "organization", made.Text("name")),
                    ("write", "organization_member", target.Username),
                    ("create", "organization_member", target.Username),
                    ("write", "organization_member", admin.Username),
                    ("create", "organization_member", admin.Username),
                    ("create", "organization_member", "owner"),
                    ("create", "organization", made.Text("name")),
                ],
                log.Select(entry => (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target"))));
            Assert.All(log, entry => Assert.Equal(made.Text("name"), entry.GetProperty("organization").Text("name")));
            var roles = log[2].GetProperty("diff").GetProperty("roles");
            Assert.Equal(("[]", "[\"organization-auditor\"]"), (roles.GetProperty("old").ToString(), roles.GetProperty("new").ToString()));
        }

        var foreign = await api.As(target).ReadAsync("/api/v2/audit");
        Assert.Equal(0, foreign.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task What_a_refused_administrator_tried_is_in_the_log()
    {
        var made = await MakeAsync();
        var auditor = await api.RegisterUserAsync("auditor");
        using var refused = await api.As(auditor).DeleteAsync($"{Organizations}/{made.Id()}");
        await refused.ShouldBeAsync(HttpStatusCode.Forbidden);
        var entry = (await api.AuditAsync($"organization:{made.Text("name")}"))[0];
        Assert.Equal(("delete", 403, "{}"), (entry.Text("action"), entry.GetProperty("status_code").GetInt32(), entry.GetProperty("diff").ToString()));
    }

    private async Task<JsonElement> MakeAsync(HttpClient? by = null, object? request = null)
    {
        using var made = await (by ?? api.As(api.Owner)).PostAsJsonAsync(Organizations, request ?? new { name = People.NewName("o") });
        return await made.ShouldBeAsync(HttpStatusCode.Created);
    }

    private async Task<(JsonElement Organization, ApiUser Admin)> WithAdminAsync()
    {
        var made = await MakeAsync();
        var admin = await api.RegisterUserAsync();
        await AddAsync(made, admin);
        await SetRolesAsync(api.Owner, made, admin, ["organization-admin"]);
        return (made, admin);
    }

    private async Task<JsonElement> AddAsync(JsonElement organization, ApiUser user)
    {
        using var added = await api.As(api.Owner).PostAsync($"{Organizations}/{organization.Id()}/members/{user.Id}", null);
        return await added.ShouldBeAsync(HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> PutRolesAsync(ApiUser by, JsonElement organization, ApiUser user, string[] roles) =>
        api.As(by).PutAsJsonAsync($"{Organizations}/{organization.Id()}/members/{user.Id}/roles", new { roles });

    private async Task SetRolesAsync(ApiUser by, JsonElement organization, ApiUser user, string[] roles)
    {
        using var set = await PutRolesAsync(by, organization, user, roles);
        await set.ShouldBeAsync(HttpStatusCode.OK);
    }
}
