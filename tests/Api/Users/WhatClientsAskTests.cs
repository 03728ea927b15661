using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Small reads, authorization checks and companions: users-and-auth.md 16, 17.3, 24, 25.</summary>
[Collection(SecondApi.Name)]
public sealed class WhatClientsAskTests(ModularApi api)
{
    [Theory]
    [InlineData("SomeSecurePassword!", true)]
    [InlineData("correct horse battery", true)]
    [InlineData("hunter2", false)]
    [InlineData("Passw0rd!Passw0rd!", false)]
    public async Task A_password_is_judged_before_there_is_an_account(string password, bool valid)
    {
        var answer = await (await api.Anonymous.PostAsJsonAsync("/api/v2/users/validate-password", new { password })).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(valid, answer.GetProperty("valid").GetBoolean());
        Assert.Equal(valid, Text(answer, "details").Length == 0);
        await (await api.Anonymous.PostAsJsonAsync("/api/v2/users/validate-password", new { })).ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
    }

    [Fact]
    public async Task A_login_type_is_told_to_its_user_alone()
    {
        var user = await api.RegisterUserAsync();

        Assert.Equal("password", Text(await (await api.As(user).GetAsync("/api/v2/users/me/login-type")).ShouldBeAsync(HttpStatusCode.OK), "login_type"));
        await (await api.As(api.Owner).GetAsync($"/api/v2/users/{user.Id}/login-type")).ShouldRefuseAsync(HttpStatusCode.Forbidden);
        await (await api.As(user).GetAsync($"/api/v2/users/{api.Owner.Id}/login-type")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Organizations_are_read_by_who_may_read_them()
    {
        using var client = api.As(await api.RegisterUserAsync());
        var listed = Assert.Single((await (await client.GetAsync("/api/v2/users/me/organizations")).ShouldBeAsync(HttpStatusCode.OK)).EnumerateArray());
        Assert.Equal((api.Organization.ToString(), "default", "Default", true), (Text(listed, "id"), Text(listed, "name"), Text(listed, "display_name"), listed.GetProperty("is_default").GetBoolean()));

        foreach (var path in new[] { "/users/me/organizations/default", "/organizations/default", $"/organizations/{api.Organization}" })
        {
            Assert.Equal(listed.ToString(), (await (await client.GetAsync("/api/v2" + path)).ShouldBeAsync(HttpStatusCode.OK)).ToString());
        }

        await (await client.GetAsync("/api/v2/users/me/organizations/other")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync($"/api/v2/users/me/organizations/{api.Organization}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync("/api/v2/organizations/other")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_check_admits_to_no_experiment_that_is_off(bool isOn)
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = isOn ? "user-skills" : "" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        var checks = new
        {
            checks = new
            {
                own = new { @object = new { resource_type = "user_skill", owner_id = "me" }, action = "read" },
                any = new { @object = new { resource_type = "user_skill", any_org = true }, action = "read" },
                core = new { @object = new { resource_type = "user" }, action = "read" },
            },
        };
        var answer = await (await client.PostAsJsonAsync("/api/v2/authcheck", checks)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal((isOn, isOn, true), (answer.GetProperty("own").GetBoolean(), answer.GetProperty("any").GetBoolean(), answer.GetProperty("core").GetBoolean()));
    }

    [Theory]
    [InlineData("owner", true)]
    [InlineData("user-admin", false)]
    [InlineData("auditor", false)]
    [InlineData("member", false)]
    public async Task Assignable_roles_are_the_callers_to_give(string role, bool assignable)
    {
        var roles = await (await api.As(await api.RegisterUserAsync(role)).GetAsync("/api/v2/users/roles")).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(["auditor", "owner", "template-admin", "user-admin"], roles.EnumerateArray().Select(given => Text(given, "name")));
        Assert.All(roles.EnumerateArray(), given => Assert.Equal((assignable, true), (given.GetProperty("assignable").GetBoolean(), given.GetProperty("built_in").GetBoolean())));
    }

    [Theory]
    [InlineData("""{"resource_type":"user","owner_id":"me"}""", "read", true)]
    [InlineData("""{"resource_type":"user","resource_id":"SELF"}""", "read", true)]
    [InlineData("""{"resource_type":"user"}""", "read", false)]
    [InlineData("""{"resource_type":"user"}""", "create", false)]
    [InlineData("""{"resource_type":"user","resource_id":"OWNER"}""", "read", false)]
    [InlineData("""{"resource_type":"user","resource_id":"00000000-0000-0000-0000-000000000001"}""", "read", false)]
    [InlineData("""{"resource_type":"api_key","owner_id":"me"}""", "create", true)]
    [InlineData("""{"resource_type":"teapot"}""", "brew", false)]
    public async Task A_check_answers_what_a_member_may(string subject, string action, bool allowed)
    {
        var user = await api.RegisterUserAsync();
        var body = $"{{\"checks\":{{\"TheCheck\":{{\"object\":{subject},\"action\":\"{action}\"}}}}}}"
            .Replace("SELF", user.Id.ToString(), StringComparison.Ordinal).Replace("OWNER", api.Owner.Id.ToString(), StringComparison.Ordinal);

        var answer = await (await api.As(user).PostAsync("/api/v2/authcheck", Json(body))).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(allowed, answer.GetProperty("TheCheck").GetBoolean());
    }

    [Theory]
    [InlineData("""{"checks":{"a":{"object":{},"action":"read"}}}""", null)]
    [InlineData("""{"checks":{"a":null}}""", null)]
    [InlineData("""{"checks":{"a":{"object":{"resource_type":"user","resource_id":"x"},"action":"read"}}}""", "resource_id")]
    [InlineData("""{"checks":{"a":{"object":{"resource_type":"api_key","resource_id":"00000000-0000-0000-0000-000000000001"},"action":"read"}}}""", "resource_type")]
    public async Task A_check_that_cannot_be_made_is_refused(string body, string? field)
    {
        await (await api.As(api.Owner).PostAsync("/api/v2/authcheck", Json(body))).ShouldRefuseAsync(HttpStatusCode.BadRequest, field is null ? [] : [field]);
        Assert.Equal("{}", (await (await api.As(api.Owner).PostAsync("/api/v2/authcheck", Json("{}"))).Content.ReadAsStringAsync()).Trim());
    }

    [Theory]
    [InlineData("/api/v2/users/authmethods", true)]
    [InlineData("/api/v2/updatecheck", true)]
    [InlineData("/api/v2/appearance", true)]
    [InlineData("/api/v2", true)]
    [InlineData("/api/v2/", true)]
    [InlineData("/.well-known/oauth-protected-resource", true)]
    [InlineData("/api/v2/entitlements", false)]
    [InlineData("/api/v2/deployment/ssh", false)]
    [InlineData("/api/v2/deployment/stats", false)]
    [InlineData("/api/v2/organizations", false)]
    public async Task Companions_answer_those_they_are_for(string path, bool anonymous)
    {
        await (await api.Anonymous.GetAsync(path)).ShouldBeAsync(anonymous ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        await (await api.As(api.Owner).GetAsync(path)).ShouldBeAsync(HttpStatusCode.OK);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;
}
