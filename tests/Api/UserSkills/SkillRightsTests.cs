using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.ApiKeys;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>Whose skills are whose, and what a key takes away: user-skills.md 5.</summary>
[Collection(SecondApi.Name)]
public sealed class SkillRightsTests(ModularApi api) : IAsyncLifetime
{
    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Statuses of list, get, create, update and delete of another user's skill, named by username.</summary>
    [Theory]
    [InlineData("member", 404, 404, 404, 404, 404)]
    [InlineData("user-admin", 404, 404, 403, 403, 404)]
    [InlineData("auditor", 404, 404, 403, 403, 404)]
    [InlineData("template-admin", 404, 404, 403, 403, 404)]
    [InlineData("owner", 200, 200, 403, 403, 204)]
    public async Task Others_skills_are_the_owners_to_read_and_delete_and_nobodys_to_write(string role, int list, int get, int create, int update, int delete)
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("tidy"));
        using var client = api.As(await api.RegisterUserAsync(role));
        var theirs = $"/api/experimental/users/{user.Username}/skills";

        Assert.Equal(list, (int)(await client.GetAsync(theirs)).StatusCode);
        Assert.Equal(get, (int)(await client.GetAsync($"{theirs}/tidy")).StatusCode);
        Assert.Equal(create, (int)(await client.PostAsJsonAsync(theirs, new { content = File("mine") })).StatusCode);
        Assert.Equal(update, (int)(await client.PatchAsJsonAsync($"{theirs}/tidy", new { enabled = false })).StatusCode);
        Assert.Equal(role == "owner" ? 404 : update, (int)(await client.PatchAsJsonAsync($"{theirs}/none", new { enabled = false })).StatusCode);
        Assert.Equal(create == 403 ? 400 : 404, (int)(await client.PostAsJsonAsync(theirs, new { content = "rubbish" })).StatusCode);
        Assert.Equal(delete, (int)(await client.DeleteAsync($"{theirs}/tidy")).StatusCode);
    }

    [Theory]
    [InlineData("organization-admin")]
    [InlineData("organization-user-admin")]
    [InlineData("organization-auditor")]
    public async Task A_role_in_an_organization_opens_no_skill(string role)
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("tidy"));
        var caller = await api.RegisterUserAsync();
        using var given = await api.As(api.Owner).PutAsJsonAsync(
            $"/api/v2/organizations/{api.Organization}/members/{caller.Id}/roles", new { roles = new[] { role } });
        await given.ShouldBeAsync(HttpStatusCode.OK);
        using var client = api.As(caller);
        var theirs = $"/api/experimental/users/{user.Id}/skills";

        foreach (var path in (string[])["", "?format=catalog", "/tidy", "/tidy/versions", "/tidy/versions/1"])
        {
            await (await client.GetAsync(theirs + path)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        }

        await (await client.DeleteAsync($"{theirs}/tidy")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Contains(
            (await client.PatchAsJsonAsync($"{theirs}/tidy", new { enabled = false })).StatusCode,
            (HttpStatusCode[])[HttpStatusCode.Forbidden, HttpStatusCode.NotFound]);
    }

    [Fact]
    public async Task An_owner_reads_and_deletes_whatever_the_users_status()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("tidy"));
        using var owner = api.As(api.Owner);
        await (await owner.PutAsync($"/api/v2/users/{user.Id}/status/suspend", null)).ShouldBeAsync(HttpStatusCode.OK);
        var theirs = $"/api/experimental/users/{user.Id}/skills";

        await (await api.As(user).GetAsync(Mine)).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        Assert.Single((await owner.ReadAsync(theirs)).EnumerateArray());
        Assert.Equal(File("tidy"), (await owner.ReadAsync($"{theirs}/tidy")).Text("content"));
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{theirs}/tidy")).StatusCode);
    }

    /// <summary>Statuses of get, create, update and delete with a token of these scopes, on the own skills.</summary>
    [Theory]
    [InlineData("user_skill:read", 200, 403, 403, 404)]
    [InlineData("user_skill:create", 404, 201, 403, 404)]
    [InlineData("user_skill:update", 404, 403, 404, 404)]
    [InlineData("user_skill:delete", 404, 403, 403, 404)]
    [InlineData("user_skill:read,user_skill:update", 200, 403, 200, 404)]
    [InlineData("user_skill:read,user_skill:delete", 200, 403, 403, 204)]
    [InlineData("user_skill:update,user_skill:delete", 404, 403, 404, 404)]
    [InlineData("user_skill:*", 200, 201, 200, 204)]
    [InlineData("coder:all", 200, 201, 200, 204)]
    [InlineData("user:read", 404, 403, 403, 404)]
    public async Task A_token_without_the_scope_is_refused_like_a_missing_role(string scopes, int get, int create, int update, int delete)
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("tidy"));
        using var client = api.WithKey(await api.MakeTokenAsync(user, new { scopes = scopes.Split(',') }));

        foreach (var path in (string[])["/tidy", "", "?format=catalog", "/tidy/versions", "/tidy/versions/1"])
        {
            Assert.Equal(get, (int)(await client.GetAsync(Mine + path)).StatusCode);
        }

        Assert.Equal(create, (int)(await client.PostAsJsonAsync(Mine, new { content = File("other") })).StatusCode);
        Assert.Equal(update, (int)(await client.PatchAsJsonAsync($"{Mine}/tidy", new { enabled = false })).StatusCode);
        Assert.Equal(update, (int)(await client.PostAsync($"{Mine}/tidy/versions/1/restore", null)).StatusCode);
        Assert.Equal(delete, (int)(await client.DeleteAsync($"{Mine}/tidy")).StatusCode);
    }

    [Fact]
    public async Task A_token_for_one_skill_reaches_that_one_alone()
    {
        var user = await api.RegisterUserAsync();
        using var whole = api.As(user);
        var id = (await whole.AddSkillAsync(File("tidy"))).Id();
        await whole.AddSkillAsync(File("other"));
        using var client = api.WithKey(await api.MakeTokenAsync(user, Tokens.Request(["coder:all"], [$"user_skill:{id}"])));

        Assert.Equal("tidy", Assert.Single((await client.ReadAsync(Mine)).EnumerateArray()).Text("name"));
        foreach (var path in (string[])["", "/versions", "/versions/1"])
        {
            await client.ReadAsync($"{Mine}/tidy{path}");
            await (await client.GetAsync($"{Mine}/other{path}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        }

        await (await client.PostAsJsonAsync(Mine, new { content = File("new") })).ShouldRefuseAsync(HttpStatusCode.Forbidden);
        await client.ChangeSkillAsync("tidy", new { enabled = false });
        await (await client.PatchAsJsonAsync($"{Mine}/other", new { enabled = false })).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.PostAsync($"{Mine}/tidy/versions/1/restore", null)).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.PostAsync($"{Mine}/other/versions/1/restore", null)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.DeleteAsync($"{Mine}/other")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{Mine}/tidy")).StatusCode);
    }

    /// <summary>By id, where <c>me</c> would do, a token must be able to read the user as well.</summary>
    [Theory]
    [InlineData("me", "user_skill:read", 200)]
    [InlineData("{id}", "user_skill:read", 404)]
    [InlineData("{id}", "user_skill:read,user:read", 200)]
    public async Task Who_is_named_must_be_readable(string user, string scopes, int status)
    {
        var caller = await api.RegisterUserAsync();
        await api.As(caller).AddSkillAsync(File("tidy"));
        using var client = api.WithKey(await api.MakeTokenAsync(caller, new { scopes = scopes.Split(',') }));

        using var read = await client.GetAsync($"/api/experimental/users/{user.Replace("{id}", caller.Id.ToString())}/skills/tidy");

        Assert.Equal(status, (int)read.StatusCode);
    }
}
