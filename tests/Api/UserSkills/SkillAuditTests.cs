using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>What the log says of skills: user-skills.md 6.</summary>
[Collection(SecondApi.Name)]
public sealed class SkillAuditTests(ModularApi api) : IAsyncLifetime
{
    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_write_leaves_one_entry_that_shows_everything()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        var id = (await client.AddSkillAsync(File("tidy", "one"))).Text("id");
        await client.ChangeSkillAsync("tidy", new { content = File("tidy", "two"), enabled = false });
        await client.ChangeSkillAsync("tidy", new { enabled = true });
        await client.ChangeSkillAsync("tidy", new { content = File("tidy", "two") });
        await (await client.PostAsync($"{Mine}/tidy/versions/1/restore", null)).ShouldBeAsync(HttpStatusCode.OK);
        await client.DeleteAsync($"{Mine}/tidy");

        var entries = await OfAsync(user);
        Array.Reverse(entries);

        Assert.Equal(
            ["create 201", "write 200", "write 200", "write 200", "write 200", "delete 204"],
            entries.Select(entry => $"{entry.Text("action")} {entry.GetProperty("status_code")}"));
        Assert.All(entries, entry => Assert.Equal(
            ("user_skill", id, "tidy", Guid.Empty.ToString(), user.Id.ToString()),
            (entry.Text("resource_type"), entry.Text("resource_id"), entry.Text("resource_target"), entry.Text("organization_id"), entry.GetProperty("user").Text("id"))));
        Assert.Equal(
            [
                $"content: \"\" -> {Quoted(File("tidy", "one"))}", "description: \"\" -> \"one\"", "enabled: false -> true",
                $"id: \"\" -> \"{id}\"", "name: \"\" -> \"tidy\"", $"user_id: \"\" -> \"{user.Id}\"",
            ],
            Diff(entries[0]));
        Assert.Equal(
            [$"content: {Quoted(File("tidy", "one"))} -> {Quoted(File("tidy", "two"))}", "description: \"one\" -> \"two\"", "enabled: true -> false"],
            Diff(entries[1]));
        Assert.Equal(["enabled: false -> true"], Diff(entries[2]));
        Assert.Empty(Diff(entries[3]));
        Assert.Equal(
            [$"content: {Quoted(File("tidy", "two"))} -> {Quoted(File("tidy", "one"))}", "description: \"two\" -> \"one\""],
            Diff(entries[4]));
        Assert.Equal(
            [
                $"content: {Quoted(File("tidy", "one"))} -> \"\"", "description: \"one\" -> \"\"", "enabled: true -> false",
                $"id: \"{id}\" -> \"\"", "name: \"tidy\" -> \"\"", $"user_id: \"{user.Id}\" -> \"\"",
            ],
            Diff(entries[5]));
        Assert.Equal(
            ["{}", "{}", "{}", "{}", """{"event":"restored","version":1}""", "{}"],
            entries.Select(entry => JsonSerializer.Serialize(entry.GetProperty("additional_fields"))));
    }

    [Fact]
    public async Task Reads_and_what_comes_to_nothing_leave_none()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        await client.AddSkillAsync(File("tidy"));

        foreach (var path in (string[])["", "?format=catalog", "/tidy", "/tidy/versions", "/tidy/versions/1", "/missing"])
        {
            await client.GetAsync(Mine + path);
        }

        await (await client.PostAsJsonAsync(Mine, new { content = "rubbish" })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        await (await client.PostAsJsonAsync(Mine, new { content = File("tidy") })).ShouldRefuseAsync(HttpStatusCode.Conflict);
        await (await client.PatchAsJsonAsync($"{Mine}/tidy", new { content = File("tidy", body: " ") })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        await (await client.PatchAsJsonAsync($"{Mine}/missing", new { enabled = true })).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.PostAsync($"{Mine}/tidy/versions/9/restore", null)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.DeleteAsync($"{Mine}/missing")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        using var stale = new HttpRequestMessage(HttpMethod.Delete, $"{Mine}/tidy");
        stale.Headers.TryAddWithoutValidation("If-Match", "\"other\"");
        await (await client.SendAsync(stale)).ShouldRefuseAsync(HttpStatusCode.PreconditionFailed);
        using var stranger = api.As(await api.RegisterUserAsync("user-admin"));
        await (await stranger.DeleteAsync($"/api/experimental/users/{user.Id}/skills/tidy")).ShouldRefuseAsync(HttpStatusCode.NotFound);

        Assert.Equal("create", Assert.Single(await OfAsync(user)).Text("action"));
    }

    [Fact]
    public async Task A_write_that_is_refused_to_who_may_know_of_it_leaves_an_entry_without_a_diff()
    {
        var user = await api.RegisterUserAsync();
        var id = (await api.As(user).AddSkillAsync(File("tidy"))).Text("id");
        var (admin, owner) = (await api.RegisterUserAsync("user-admin"), await api.RegisterUserAsync("owner"));
        var theirs = $"/api/experimental/users/{user.Id}/skills";
        foreach (var caller in new[] { admin, owner })
        {
            using var client = api.As(caller);
            await (await client.PostAsJsonAsync(theirs, new { content = File("new") })).ShouldRefuseAsync(HttpStatusCode.Forbidden);
            await (await client.PatchAsJsonAsync($"{theirs}/tidy", new { content = File("tidy", "x") })).ShouldRefuseAsync(HttpStatusCode.Forbidden);
            await (await client.PostAsync($"{theirs}/tidy/versions/1/restore", null)).ShouldRefuseAsync(HttpStatusCode.Forbidden);
        }

        // To whom the skill does not show, the log's id does not either.
        foreach (var (caller, written) in new[] { (admin, Guid.Empty.ToString()), (owner, id) })
        {
            var entries = await OfAsync(caller);
            Assert.Equal(
                [$"write 403 tidy {written} {{}}", $"write 403 tidy {written} {{}}", $"create 403 new {Guid.Empty} {{}}"],
                entries.Select(entry =>
                    $"{entry.Text("action")} {entry.GetProperty("status_code")} {entry.Text("resource_target")} {entry.Text("resource_id")} {entry.GetProperty("diff")}"));
        }
    }

    [Fact]
    public async Task An_owner_who_deletes_anothers_skill_is_named()
    {
        var (user, owner) = (await api.RegisterUserAsync(), await api.RegisterUserAsync("owner"));
        await api.As(user).AddSkillAsync(File("tidy"));

        await api.As(owner).DeleteAsync($"/api/experimental/users/{user.Id}/skills/tidy");

        var entry = Assert.Single(await OfAsync(owner));
        Assert.Equal(("delete", 204, "tidy"), (entry.Text("action"), entry.GetProperty("status_code").GetInt32(), entry.Text("resource_target")));
    }

    [Fact]
    public async Task Skills_that_go_with_their_user_leave_none()
    {
        var user = await api.RegisterUserAsync();
        var id = (await api.As(user).AddSkillAsync(File("tidy"))).Text("id");

        await (await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("create", Assert.Single(await api.AuditAsync($"resource_type:user_skill resource_id:{id}")).Text("action"));
    }

    private Task<JsonElement[]> OfAsync(ApiUser actor) => api.AuditAsync($"resource_type:user_skill username:{actor.Username}");

    private static string[] Diff(JsonElement entry) =>
    [
        .. entry.GetProperty("diff").EnumerateObject()
            .OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => field.Value.GetProperty("secret").GetBoolean()
                ? $"{field.Name} is secret"
                : $"{field.Name}: {JsonSerializer.Serialize(field.Value.GetProperty("old"))} -> {JsonSerializer.Serialize(field.Value.GetProperty("new"))}"),
    ];

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
