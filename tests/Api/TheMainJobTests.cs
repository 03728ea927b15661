using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api;

/// <summary>The product in one walk: from a fresh server to a deleted user whose skill is refused, and the log of it all.</summary>
[Collection(SharedApi.Name)]
public sealed class TheMainJobTests(ModularApi api)
{
    private const string Skill = "---\nname: tidy\ndescription: Trim old logs\n---\nDo it.\n";

    [Fact]
    public async Task A_user_is_created_works_is_deleted_and_all_of_it_is_in_the_log()
    {
        await api.TurnAsync("user-skills", on: true);
        var owner = api.As(api.Owner);
        var member = await api.RegisterAndLogInAsync();
        var token = await api.MakeTokenAsync(member);

        var created = await owner.PostAsJsonAsync($"/api/experimental/users/{member.Id}/skills", new { content = Skill });
        await created.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        var own = await api.WithKey(token).PostAsJsonAsync("/api/experimental/users/me/skills", new { content = Skill });
        Assert.Equal(Skill, (await own.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("content").GetString());

        await (await owner.DeleteAsync($"/api/v2/users/{member.Username}")).ShouldBeAsync(HttpStatusCode.OK);

        await (await api.As(member).GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await (await api.WithKey(token).GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        var late = await owner.PostAsJsonAsync($"/api/experimental/users/{member.Id}/skills", new { content = Skill });
        await late.ShouldRefuseAsync(HttpStatusCode.Conflict);

        var log = await (await owner.GetAsync($"/api/v2/audit?q=resource_target:{member.Username}")).ShouldBeAsync(HttpStatusCode.OK);
        var actions = log.GetProperty("audit_logs").EnumerateArray().Select(entry => entry.GetProperty("action").GetString());
        Assert.Equal(["delete", "write", "create"], actions);
    }
}
