using System.Net;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>What active, dormant, suspended and deleted users get: users-and-auth.md 3.4.</summary>
[Collection(SecondApi.Name)]
public sealed class StatusAtTheDoorTests(ModularApi api)
{
    [Fact]
    public async Task A_new_user_is_dormant_until_the_first_login_and_the_activation_is_recorded()
    {
        var user = await api.CreateAsync();
        Assert.Equal("dormant", user.Text("status"));
        using var login = await api.Anonymous.LogInAsync(user.Text("email"));
        await login.ShouldBeAsync(HttpStatusCode.Created);

        var active = await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id()}");
        Assert.Equal("active", active.Text("status"));
        Assert.True(active.GetProperty("last_seen_at").GetDateTimeOffset() > user.GetProperty("created_at").GetDateTimeOffset());
        Assert.Equal(active.Text("last_seen_at"), active.Text("updated_at"));
        await ActivationIsRecordedAsync(user.Id(), user.Text("username"), login);
    }

    [Fact]
    public async Task A_dormant_user_is_active_before_the_request_is_served()
    {
        var user = await api.RegisterUserAsync("owner");
        await api.SetStatusAsync(user.Id, "dormant");
        using var answer = await api.As(user).GetAsync("/api/v2/users/me");

        Assert.Equal("active", (await answer.ShouldBeAsync(HttpStatusCode.OK)).Text("status"));
        var entry = Assert.Single(await AutomaticAsync(user.Username), entry => entry.Text("request_id") == RequestId(answer));
        Assert.Equal(200, entry.GetProperty("status_code").GetInt32());
    }

    [Fact]
    public async Task A_dormant_admins_first_request_has_the_full_rights()
    {
        var admin = await api.RegisterUserAsync("owner");
        await api.SetStatusAsync(admin.Id, "dormant");
        using var created = await api.PostUserAsync(api.Request(), by: admin);
        await created.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Requests_at_once_activate_once()
    {
        var user = await api.RegisterUserAsync();
        var before = (await AutomaticAsync(user.Username)).Length;
        await api.SetStatusAsync(user.Id, "dormant");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.As(user).GetAsync("/api/v2/users/me")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(before + 1, (await AutomaticAsync(user.Username)).Length);
    }

    [Fact]
    public async Task A_public_route_does_not_activate()
    {
        var user = await api.RegisterUserAsync();
        await api.SetStatusAsync(user.Id, "dormant");
        await api.As(user).ReadAsync("/api/v2/buildinfo");
        Assert.Equal("dormant", (await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}")).Text("status"));
    }

    [Fact]
    public async Task A_suspended_user_is_401_and_told_whom_to_ask()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        await api.SetStatusAsync(user.Id, "suspended");
        foreach (var key in new[] { user.Session, token })
        {
            using var answer = await api.WithKey(key).GetAsync("/api/v2/users/me");
            var told = (await answer.ShouldBeAsync(HttpStatusCode.Unauthorized)).ToString();
            Assert.Contains("suspended", told, StringComparison.Ordinal);
            Assert.Contains("administrator", told, StringComparison.Ordinal);
            Assert.NotEmpty(answer.Headers.WwwAuthenticate);
        }
    }

    [Fact]
    public async Task A_suspended_session_is_no_matter_on_a_public_route()
    {
        var user = await api.RegisterUserAsync();
        await api.SetStatusAsync(user.Id, "suspended");
        await api.As(user).ReadAsync("/api/v2/buildinfo");
    }

    [Fact]
    public async Task Suspension_keeps_the_keys()
    {
        var user = await api.RegisterUserAsync();
        await api.SetStatusAsync(user.Id, "suspended");
        using var refused = await api.As(user).GetAsync("/api/v2/users/me");
        await refused.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await api.SetStatusAsync(user.Id, "active");
        await api.As(user).ReadAsync("/api/v2/users/me");
    }

    [Fact]
    public async Task A_deleted_user_has_no_keys_left()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        using var deleted = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}");
        await deleted.ShouldBeAsync(HttpStatusCode.OK);
        foreach (var key in new[] { user.Session, token })
        {
            using var answer = await api.WithKey(key).GetAsync("/api/v2/users/me");
            Assert.Contains("deleted", (await answer.ShouldBeAsync(HttpStatusCode.Unauthorized)).Text("detail"), StringComparison.Ordinal);
            using var guess = await api.WithKey($"{key[..10]}-{new string('x', 22)}").GetAsync("/api/v2/users/me");
            Assert.DoesNotContain("deleted", (await guess.ShouldBeAsync(HttpStatusCode.Unauthorized)).Text("detail"), StringComparison.Ordinal);
        }
    }

    private async Task ActivationIsRecordedAsync(Guid user, string username, HttpResponseMessage answer)
    {
        var entry = Assert.Single(await AutomaticAsync(username));
        Assert.Equal(user, entry.GetProperty("user").Id());
        Assert.Equal(user, entry.GetProperty("resource_id").GetGuid());
        Assert.Equal(("write", "user", username), (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target")));
        Assert.Equal(200, entry.GetProperty("status_code").GetInt32());
        Assert.Equal(RequestId(answer), entry.Text("request_id"));
        Assert.Equal(
            """{"automatic_actor":"coder","automatic_subsystem":"dormancy"}""",
            JsonSerializer.Serialize(entry.GetProperty("additional_fields")));
        var status = entry.GetProperty("diff").GetProperty("status");
        Assert.Equal(("dormant", "active"), (status.Text("old"), status.Text("new")));
    }

    private async Task<JsonElement[]> AutomaticAsync(string username) =>
    [
        .. (await api.AuditAsync($"resource_type:user action:write resource_target:{username}"))
            .Where(entry => entry.GetProperty("additional_fields").TryGetProperty("automatic_actor", out _)),
    ];

    private static string RequestId(HttpResponseMessage answer) => Assert.Single(answer.Headers.GetValues("X-Request-Id"));
}
