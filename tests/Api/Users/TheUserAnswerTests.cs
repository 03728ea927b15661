using System.Net;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>The form of a user on the wire: users-and-auth.md 4.1; reading one: 10.</summary>
[Collection(SecondApi.Name)]
public sealed class TheUserAnswerTests(ModularApi api)
{
    private static readonly string[] always =
    [
        "created_at", "email", "has_ai_seat", "id", "last_seen_at", "login_type", "organization_ids", "roles", "status", "updated_at", "username",
    ];

    [Fact]
    public async Task Leaves_out_what_is_empty()
    {
        var user = await api.CreateAsync();
        Assert.Equal(always, user.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal("0001-01-01T00:00:00Z", user.Text("last_seen_at"));
        Assert.Equal("[]", user.GetProperty("roles").GetRawText());
        Assert.Equal(api.Organization, Assert.Single(user.GetProperty("organization_ids").EnumerateArray()).GetGuid());
        Assert.Equal(("dormant", "password"), (user.Text("status"), user.Text("login_type")));
        Assert.False(user.GetProperty("has_ai_seat").GetBoolean());
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,5}[1-9]|\.[1-9])?Z\z", user.Text("created_at"));
        Assert.Equal(user.Text("created_at"), user.Text("updated_at"));
    }

    [Fact]
    public async Task Has_the_name_where_there_is_one()
    {
        var request = api.Request();
        request["name"] = "Jörg  Größe";
        var user = await api.CreateAsync(request);
        Assert.Equal(always.Append("name").Order(), user.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal("Jörg  Größe", user.Text("name"));
    }

    [Fact]
    public async Task Of_a_service_account_says_so_and_has_an_empty_address()
    {
        var account = await api.CreateAsync(api.ServiceAccount());
        Assert.Equal(always.Append("is_service_account").Order(), account.EnumerateObject().Select(member => member.Name).Order());
        Assert.True(account.GetProperty("is_service_account").GetBoolean());
        Assert.Equal(("", "none"), (account.Text("email"), account.Text("login_type")));
    }

    [Fact]
    public async Task Is_the_same_from_creation_reading_and_listing()
    {
        var request = api.Request();
        request["name"] = "Same";
        request["roles"] = new[] { "user-admin", "auditor" };
        var created = await api.CreateAsync(request);
        var read = await api.As(api.Owner).ReadAsync($"/api/v2/users/{created.Id()}");
        var list = await api.As(api.Owner).ReadAsync($"/api/v2/users?q={created.Text("username")}");
        Assert.Equal(created.GetRawText(), read.GetRawText());
        Assert.Equal(created.GetRawText(), Assert.Single(list.GetProperty("users").EnumerateArray()).GetRawText());
    }

    [Fact]
    public async Task Shows_stored_roles_with_their_names_for_people()
    {
        var request = api.Request();
        request["roles"] = new[] { "owner", "user-admin", "template-admin", "auditor", "member" };
        var user = await api.CreateAsync(request);
        Assert.Equal(
            ["auditor=Auditor", "member=Member", "owner=Owner", "template-admin=Template Admin", "user-admin=User Admin"],
            user.GetProperty("roles").EnumerateArray().Select(role => $"{role.Text("name")}={role.Text("display_name")}").Order());
        Assert.All(
            user.GetProperty("roles").EnumerateArray(),
            role => Assert.Equal(["display_name", "name"], role.EnumerateObject().Select(member => member.Name).Order()));
    }

    [Fact]
    public async Task Shows_an_unknown_role_with_its_name_alone_and_it_grants_nothing()
    {
        var user = await api.RegisterUserAsync();
        await api.ExecuteAsync("update users.users set rbac_roles = array['of-the-future'] where id = $1", user.Id);
        await api.ExecuteAsync("update api_keys.owners set roles = array['of-the-future'] where user_id = $1", user.Id);
        var role = Assert.Single((await api.As(user).ReadAsync("/api/v2/users/me")).GetProperty("roles").EnumerateArray());
        Assert.Equal(("of-the-future", ""), (role.Text("name"), role.Text("display_name")));
        Assert.Equal(1, (await api.As(user).ReadAsync("/api/v2/users")).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Of_a_user_without_organizations_has_an_empty_array_everywhere()
    {
        var user = await api.CreateAsync();
        await api.ExecuteAsync("delete from users.organization_members where user_id = $1", user.Id());
        var read = await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id()}");
        var listed = (await api.As(api.Owner).ReadAsync($"/api/v2/users?q={user.Text("username")}")).GetProperty("users")[0];
        foreach (var answer in new[] { read, listed })
        {
            Assert.Equal(JsonValueKind.Array, answer.GetProperty("organization_ids").ValueKind);
            Assert.Equal(0, answer.GetProperty("organization_ids").GetArrayLength());
        }
    }

    [Theory]
    [InlineData("owner", true)]
    [InlineData("user-admin", true)]
    [InlineData("template-admin", true)]
    [InlineData("auditor", true)]
    [InlineData("member", false)]
    public async Task Is_given_to_who_may_read_everybody_and_is_404_for_others(string role, bool given)
    {
        var reader = api.As(await api.RegisterUserAsync(role));
        var target = await api.RegisterUserAsync();
        foreach (var name in new[] { target.Id.ToString(), target.Username, target.Username.ToUpperInvariant() })
        {
            using var answer = await reader.GetAsync($"/api/v2/users/{name}");
            Assert.Equal(given ? HttpStatusCode.OK : HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("suspended")]
    [InlineData("dormant")]
    public async Task Shows_users_of_any_status(string status)
    {
        var user = await api.RegisterUserAsync();
        await api.SetStatusAsync(user.Id, status);
        Assert.Equal(status, (await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}")).Text("status"));
    }
}
