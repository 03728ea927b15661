using System.Net;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Deleting users: users-and-auth.md 11, outranking and the last owner: 5.3.</summary>
[Collection(SecondApi.Name)]
public sealed class DeletingAUserTests(ModularApi api)
{
    [Fact]
    public async Task Takes_the_user_and_the_keys_away_and_leaves_the_record()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        using var deletion = await DeleteAsync(api.Owner, user);
        Assert.NotEmpty((await deletion.ShouldBeAsync(HttpStatusCode.OK)).Text("message"));

        foreach (var key in new[] { user.Session, token })
        {
            using var dead = await api.WithKey(key).GetAsync("/api/v2/users/me");
            await dead.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        }

        using var login = await api.Anonymous.LogInAsync($"{user.Username}@example.com");
        await login.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        using var byName = await api.As(api.Owner).GetAsync($"/api/v2/users/{user.Username}");
        await byName.ShouldRefuseAsync(HttpStatusCode.NotFound);
        var record = await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}");
        Assert.Equal(("active", "password"), (record.Text("status"), record.Text("login_type")));
        Assert.Empty((await api.As(api.Owner).ReadAsync($"/api/v2/users?q={user.Username}")).GetProperty("users").EnumerateArray());
    }

    [Fact]
    public async Task Keeps_the_roles_of_the_record()
    {
        var user = await api.RegisterUserAsync("auditor");
        using var deletion = await DeleteAsync(api.Owner, user);
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
        var record = await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}");
        Assert.Equal("auditor", Assert.Single(record.GetProperty("roles").EnumerateArray()).Text("name"));
    }

    [Theory]
    [InlineData("me")]
    [InlineData("id")]
    [InlineData("username")]
    public async Task Oneself_is_403_for_every_role(string by)
    {
        foreach (var role in new[] { "owner", "user-admin", "template-admin", "auditor", "member" })
        {
            var user = await api.RegisterUserAsync(role);
            var name = by switch { "me" => "me", "id" => user.Id.ToString(), _ => user.Username };
            using var answer = await api.As(user).DeleteAsync($"/api/v2/users/{name}");
            await answer.ShouldRefuseAsync(HttpStatusCode.Forbidden);
            await api.As(user).ReadAsync("/api/v2/users/me");
        }
    }

    [Theory]
    [InlineData("owner", HttpStatusCode.OK)]
    [InlineData("user-admin", HttpStatusCode.OK)]
    [InlineData("template-admin", HttpStatusCode.Forbidden)]
    [InlineData("auditor", HttpStatusCode.Forbidden)]
    [InlineData("member", HttpStatusCode.NotFound)]
    public async Task Needs_the_right_and_without_the_right_to_read_is_404(string role, HttpStatusCode status)
    {
        var user = await api.RegisterUserAsync();
        using var answer = await DeleteAsync(await api.RegisterUserAsync(role), user);
        await answer.ShouldBeAsync(status);
    }

    [Theory]
    [InlineData("member", HttpStatusCode.OK)]
    [InlineData("user-admin", HttpStatusCode.OK)]
    [InlineData("owner", HttpStatusCode.Forbidden)]
    [InlineData("template-admin", HttpStatusCode.Forbidden)]
    [InlineData("auditor", HttpStatusCode.Forbidden)]
    public async Task Who_outranks_the_caller_is_403(string target, HttpStatusCode status)
    {
        var user = await api.RegisterUserAsync(target);
        using var answer = await DeleteAsync(await api.RegisterUserAsync("user-admin"), user);
        await answer.ShouldBeAsync(status);
    }

    [Fact]
    public async Task The_last_active_owner_is_403()
    {
        using var answer = await DeleteAsync(await api.RegisterUserAsync("user-admin"), api.Owner);
        await answer.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        await api.As(api.Owner).ReadAsync("/api/v2/users/me");
    }

    [Fact]
    public async Task A_suspended_owner_is_fine_for_another_owner()
    {
        var user = await api.RegisterUserAsync("owner");
        await api.SetStatusAsync(user.Id, "suspended");
        using var answer = await DeleteAsync(api.Owner, user);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Each_other_two_owners_leave_exactly_one()
    {
        for (var round = 0; round < 8; round++)
        {
            var (a, b) = (await api.RegisterUserAsync("owner"), await api.RegisterUserAsync("owner"));
            var answers = await Task.WhenAll(DeleteAsync(a, b), DeleteAsync(b, a));
            var statuses = answers.Select(answer => answer.StatusCode).Order().ToArray();
            Assert.Equal(HttpStatusCode.OK, statuses[0]);
            Assert.Contains(statuses[1], new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.NotFound });

            var survivor = answers[0].StatusCode == HttpStatusCode.OK ? a : b;
            await api.As(survivor).ReadAsync("/api/v2/users/me");
            using var gone = await api.As(survivor == a ? b : a).GetAsync("/api/v2/users/me");
            await gone.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task On_a_server_with_two_owners_who_delete_each_other_leaves_one_of_them()
    {
        await using var fresh = await api.StartAnotherAsync();
        var (first, organization) = await ModularApi.SetUpAsync(fresh.Client());
        using var made = await fresh.Client(first.Session).PostAsync("/api/v2/users", new StringContent(
            $$"""{"username":"other","email":"other@example.com","password":"{{ModularApi.Password}}","organization_ids":["{{organization}}"],"roles":["owner"]}"""));
        var second = (await made.ShouldBeAsync(HttpStatusCode.Created)).Id();
        using var login = await fresh.Client().LogInAsync("other@example.com");
        var session = (await login.ShouldBeAsync(HttpStatusCode.Created)).Text("session_token");

        var answers = await Task.WhenAll(
            fresh.Client(first.Session).DeleteAsync($"/api/v2/users/{second}"), fresh.Client(session).DeleteAsync($"/api/v2/users/{first.Id}"));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        var left = await fresh.Client(answers[0].StatusCode == HttpStatusCode.OK ? first.Session : session).ReadAsync("/api/v2/users?q=role:owner");
        Assert.Equal(1, left.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Again_or_of_nobody_is_404()
    {
        var user = await api.RegisterUserAsync();
        using var first = await DeleteAsync(api.Owner, user);
        await first.ShouldBeAsync(HttpStatusCode.OK);
        foreach (var name in new[] { user.Id.ToString(), user.Username, "nobody", Guid.Empty.ToString() })
        {
            using var again = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{name}");
            await again.ShouldRefuseAsync(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Twice_at_once_succeeds_once()
    {
        var user = await api.RegisterUserAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => DeleteAsync(api.Owner, user)));
        Assert.Equal(
            [HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.NotFound, 5)], answers.Select(answer => answer.StatusCode).Order());
        Assert.Single(await api.AuditAsync($"resource_type:user action:delete resource_target:{user.Username}"));
    }

    [Fact]
    public async Task While_keys_are_made_leaves_none_of_them()
    {
        var user = await api.RegisterUserAsync();
        var making = Enumerable.Range(0, 6).Select(_ => api.As(user).PostAsync("/api/v2/users/me/keys/tokens", new StringContent("{}"))).ToList();
        using var deletion = await DeleteAsync(api.Owner, user);
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
        foreach (var made in await Task.WhenAll(making))
        {
            Assert.Contains(made.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound });
            if (made.StatusCode == HttpStatusCode.Created)
            {
                using var dead = await api.WithKey((await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key")).GetAsync("/api/v2/users/me");
                await dead.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
            }
        }
    }

    [Fact]
    public async Task Is_recorded_as_the_mark_that_it_is()
    {
        var user = await api.RegisterUserAsync();
        using var deletion = await DeleteAsync(api.Owner, user);
        var entry = Assert.Single(await api.AuditAsync($"request_id:{Assert.Single(deletion.Headers.GetValues("X-Request-Id"))}"));
        Assert.Equal(("delete", "user", user.Username), (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target")));
        Assert.Equal(200, entry.GetProperty("status_code").GetInt32());
        Assert.Equal(api.Owner.Id, entry.GetProperty("user").Id());
        Assert.Equal(user.Id, entry.GetProperty("resource_id").GetGuid());
        var change = Assert.Single(entry.GetProperty("diff").EnumerateObject());
        Assert.Equal("deleted", change.Name);
        Assert.Equal((false, true), (change.Value.GetProperty("old").GetBoolean(), change.Value.GetProperty("new").GetBoolean()));
    }

    [Theory]
    [InlineData("auditor")]
    [InlineData("template-admin")]
    [InlineData("user-admin")]
    public async Task That_is_refused_is_recorded_without_a_diff(string role)
    {
        var caller = await api.RegisterUserAsync(role);
        using var other = await DeleteAsync(caller, await api.RegisterUserAsync("owner"));
        using var self = await DeleteAsync(caller, caller);
        foreach (var refused in new[] { other, self })
        {
            await refused.ShouldRefuseAsync(HttpStatusCode.Forbidden);
            var entry = Assert.Single(await api.AuditAsync($"request_id:{Assert.Single(refused.Headers.GetValues("X-Request-Id"))}"));
            Assert.Equal(("delete", "user"), (entry.Text("action"), entry.Text("resource_type")));
            Assert.Equal(403, entry.GetProperty("status_code").GetInt32());
            Assert.Equal(caller.Id, entry.GetProperty("user").Id());
            Assert.Empty(entry.GetProperty("diff").EnumerateObject());
        }
    }

    [Fact]
    public async Task That_finds_nobody_is_not_recorded()
    {
        using var answer = await DeleteAsync(await api.RegisterUserAsync(), api.Owner);
        await answer.ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Empty(await api.AuditAsync($"request_id:{Assert.Single(answer.Headers.GetValues("X-Request-Id"))}"));
    }

    private Task<HttpResponseMessage> DeleteAsync(ApiUser by, ApiUser user) => api.As(by).DeleteAsync($"/api/v2/users/{user.Id}");
}
