using System.Net;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>What each role may do to others, as far as there are routes to do it by: users-and-auth.md 5.2.</summary>
[Collection(SecondApi.Name)]
public sealed class RightsOfRolesTests(ModularApi api)
{
    [Theory]
    [InlineData("owner", true)]
    [InlineData("user-admin", true)]
    [InlineData("template-admin", true)]
    [InlineData("auditor", true)]
    [InlineData("member", false)]
    public async Task Reading_users(string role, bool everybody)
    {
        var caller = await api.RegisterUserAsync(role);
        var list = await api.As(caller).ReadAsync("/api/v2/users");
        if (everybody)
        {
            Assert.Contains(list.GetProperty("users").EnumerateArray(), user => user.Id() == api.Owner.Id);
        }
        else
        {
            Assert.Equal(caller.Id, Assert.Single(list.GetProperty("users").EnumerateArray()).Id());
        }
    }

    [Theory]
    [InlineData("user-admin", 5)]
    [InlineData("member", 0)]
    public async Task Nothing_is_told_of_where_an_unreadable_user_would_stand_in_a_list(string role, int count)
    {
        var tag = People.NewName("tag");
        var (before, caller) = (await api.CreateAsync(api.Request("a-" + tag)), await api.RegisterUserAsync(role));
        for (var number = 0; number < 4; number++)
        {
            await api.CreateAsync(api.Request($"b{number}-{tag}"));
        }

        using var client = api.As(caller);
        var all = await client.ReadAsync($"/api/v2/users?after_id={before.Id()}&q={tag}");
        Assert.Equal(count == 0 ? 0 : 4, all.GetProperty("users").GetArrayLength());

        // Of the caller itself there is something to be seen behind a user that it may read, and nothing behind another.
        var own = await client.ReadAsync($"/api/v2/users?after_id={before.Id()}");
        Assert.Equal(count > 0, own.GetProperty("users").GetArrayLength() > 0);
    }

    [Theory]
    [InlineData("profile", HttpStatusCode.OK)]
    [InlineData("password", HttpStatusCode.NoContent)]
    [InlineData("status/suspend", HttpStatusCode.OK)]
    [InlineData("appearance", HttpStatusCode.OK)]
    [InlineData("preferences", HttpStatusCode.OK)]
    [InlineData("gitsshkey", HttpStatusCode.OK)]
    [InlineData("sessions", HttpStatusCode.NoContent)]
    [InlineData("", HttpStatusCode.OK)]
    public async Task A_role_in_an_organization_shields_nobody_from_what_is_done_to_the_whole_account(string what, HttpStatusCode status)
    {
        using var owner = api.As(api.Owner);
        var (admin, target) = (await api.RegisterUserAsync("user-admin"), await api.CreateAsync());
        using (var promoted = await owner.PutAsync(
            $"/api/v2/organizations/{api.Organization}/members/{target.Id()}/roles", new StringContent("""{"roles": ["organization-admin"]}""")))
        {
            await promoted.ShouldBeAsync(HttpStatusCode.OK);
        }

        using var client = api.As(admin);
        var body = what switch
        {
            "profile" => $$"""{"username": "{{target.Text("username")}}", "name": "Another Name"}""",
            "password" => """{"password": "AnotherSecurePassword!"}""",
            "appearance" => """{"theme_preference": "dark"}""",
            _ => "{}",
        };
        using var request = new HttpRequestMessage(what is "" or "sessions" ? HttpMethod.Delete : HttpMethod.Put, $"/api/v2/users/{target.Id()}/{what}".TrimEnd('/'))
        {
            Content = new StringContent(body),
        };
        using var answer = await client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);

        // What is done to the membership is another matter: a user-admin may not take that role.
        using var removed = await client.DeleteAsync($"/api/v2/organizations/{api.Organization}/members/{target.Id()}");
        Assert.Equal(what == "" ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden, removed.StatusCode);
    }

    [Theory]
    [InlineData("owner", true)]
    [InlineData("auditor", true)]
    [InlineData("user-admin", false)]
    [InlineData("template-admin", false)]
    [InlineData("member", false)]
    public async Task Reading_the_audit_log(string role, bool everything)
    {
        var caller = await api.RegisterUserAsync(role);
        var log = await api.As(caller).ReadAsync("/api/v2/audit");
        Assert.Equal(everything, log.GetProperty("count").GetInt32() > 0);
    }

    [Theory]
    [InlineData("owner", HttpStatusCode.Created)]
    [InlineData("user-admin", HttpStatusCode.Forbidden)]
    [InlineData("template-admin", HttpStatusCode.Forbidden)]
    [InlineData("auditor", HttpStatusCode.Forbidden)]
    [InlineData("member", HttpStatusCode.NotFound)]
    public async Task Making_keys_of_others(string role, HttpStatusCode status)
    {
        var target = await api.RegisterUserAsync();
        using var answer = await api.As(await api.RegisterUserAsync(role)).PostAsync(
            $"/api/v2/users/{target.Id}/keys/tokens", new StringContent("{}"));
        await answer.ShouldBeAsync(status);
    }

    [Theory]
    [InlineData("owner", true)]
    [InlineData("user-admin", false)]
    [InlineData("template-admin", false)]
    [InlineData("auditor", false)]
    public async Task Reading_and_deleting_keys_of_others(string role, bool may)
    {
        var target = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(target);
        var caller = api.As(await api.RegisterUserAsync(role));
        var path = $"/api/v2/users/{target.Id}/keys/{token[..10]}";

        var list = await caller.ReadAsync($"/api/v2/users/{target.Id}/keys/tokens");
        Assert.Equal(may ? 1 : 0, list.GetArrayLength());
        using var read = await caller.GetAsync(path);
        Assert.Equal(may ? HttpStatusCode.OK : HttpStatusCode.NotFound, read.StatusCode);
        using var deletion = await caller.DeleteAsync(path);
        Assert.Equal(may ? HttpStatusCode.NoContent : HttpStatusCode.NotFound, deletion.StatusCode);
    }

    [Theory]
    [InlineData("owner")]
    [InlineData("user-admin")]
    [InlineData("template-admin")]
    [InlineData("auditor")]
    [InlineData("member")]
    public async Task Everybody_does_what_members_do_with_what_is_their_own(string role)
    {
        var client = api.As(await api.RegisterUserAsync(role));
        await client.ReadAsync("/api/v2/users/me");
        await client.ReadAsync("/api/v2/users/me/appearance");
        using var made = await client.PostAsync("/api/v2/users/me/keys/tokens", new StringContent("{}"));
        var key = (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
        using var deletion = await client.DeleteAsync($"/api/v2/users/me/keys/{key[..10]}");
        await deletion.ShouldBeAsync(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("suspended")]
    [InlineData("dormant")]
    public async Task The_status_of_the_target_makes_no_difference(string status)
    {
        var target = await api.RegisterUserAsync();
        await api.SetStatusAsync(target.Id, status);
        using var answer = await api.As(await api.RegisterUserAsync("user-admin")).DeleteAsync($"/api/v2/users/{target.Id}");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    /// <summary>For clients of the original server's wire. It is another answer than the one that is described, so it is read past that.</summary>
    [Fact]
    public async Task Roles_are_names_alone_where_the_operator_says_so()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Compatibility:UserRolesAsStrings"] = "true" }, sameDatabase: true);
        var user = await api.RegisterUserAsync("auditor");
        using var client = new HttpClient { BaseAddress = server.Address, DefaultRequestHeaders = { { "Coder-Session-Token", user.Session } } };
        var roles = await client.ReadAsync("/api/v2/users/me/roles");
        Assert.Equal(["roles", "organization_roles"], roles.EnumerateObject().Select(member => member.Name));
        Assert.Equal("""["auditor"]""", roles.GetProperty("roles").GetRawText());
    }
}
