using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Modular.Api.Support;

namespace Modular.Api.UserSkills;

/// <summary>What users do with their skills, and in which order what is wrong is told.</summary>
[Collection(SharedApi.Name)]
public sealed class PersonalSkillsTests(ModularApi api) : IAsyncLifetime
{
    private const string Mine = "/api/experimental/users/me/skills";

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_skill_is_created_listed_read_changed_and_deleted()
    {
        using var client = api.As(await api.RegisterUserAsync());
        Assert.Equal("[]", (await client.GetStringAsync(Mine)).Trim());

        var created = await (await client.PostAsJsonAsync(Mine, new { content = File("tidy", "Trim"), enabled = false, name = "x" }))
            .ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(("tidy", "Trim", true), (Text(created, "name"), Text(created, "description"), created.GetProperty("enabled").GetBoolean()));
        Assert.Equal(File("tidy", "Trim"), Text(created, "content"));
        Assert.Equal(Text(created, "created_at"), Text(created, "updated_at"));

        var listed = Assert.Single((await (await client.GetAsync(Mine)).ShouldBeAsync(HttpStatusCode.OK)).EnumerateArray());
        Assert.Equal(Text(created, "id"), Text(listed, "id"));
        Assert.False(listed.TryGetProperty("content", out _));

        var changed = await (await client.PatchAsJsonAsync($"{Mine}/tidy", new { content = File("tidy", "Trim more") })).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal((Text(created, "id"), "Trim more"), (Text(changed, "id"), Text(changed, "description")));
        var off = await (await client.PatchAsJsonAsync($"{Mine}/tidy", new { enabled = false })).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal((false, File("tidy", "Trim more")), (off.GetProperty("enabled").GetBoolean(), Text(off, "content")));
        var read = await (await client.GetAsync($"{Mine}/tidy")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(off.ToString(), read.ToString());

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{Mine}/tidy")).StatusCode);
        await (await client.GetAsync($"{Mine}/tidy")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    public static TheoryData<string, int> WrongBodies => new()
    {
        { "{\"content\": 1}", 400 },
        { "[]", 400 },
        { "", 400 },
        { "{\"content\": \"a\\u0000b\"}", 400 },
        { "{\"content\": \"a\\ud800b\"}", 400 },
        { "{\"content\": null}", 400 },
        { "{\"content\": \"\"}", 400 },
        { "null", 400 },
        { JsonSerializer.Serialize(new { content = "no frontmatter" }), 400 },
        { JsonSerializer.Serialize(new { content = File("NotKebab") }), 400 },
        { JsonSerializer.Serialize(new { content = File(new string('a', 257)) }), 400 },
        { JsonSerializer.Serialize(new { content = "---\nname: tidy\n---\n \n" }), 400 },
        { JsonSerializer.Serialize(new { content = new string('a', 65_537) }), 400 },
        { JsonSerializer.Serialize(new { content = new string('a', 394_240) }), 413 },
    };

    [Theory, MemberData(nameof(WrongBodies))]
    public async Task What_is_no_skill_is_refused_without_fields(string body, int status)
    {
        using var client = api.As(await api.RegisterUserAsync());
        using var answer = await client.PostAsync(Mine, new StringContent(body, Encoding.UTF8, "application/json"));

        await answer.ShouldRefuseAsync((HttpStatusCode)status);
    }

    [Fact]
    public async Task The_largest_file_is_accepted_however_long_its_json()
    {
        using var client = api.As(await api.RegisterUserAsync());
        const string Head = "---\nname: quotes\n---\n";
        var content = Head + new string('"', 65_536 - Head.Length);

        var created = await (await client.PostAsync(Mine, new StringContent(
                "{\"content\":\"" + content.Replace("\n", "\\n").Replace("\"", "\\u0022") + "\"}", Encoding.UTF8, "application/json")))
            .ShouldBeAsync(HttpStatusCode.Created);

        Assert.Equal(content, Text(created, "content"));
    }

    [Fact]
    public async Task A_name_is_one_users_alone_and_never_changes()
    {
        using var client = api.As(await api.RegisterUserAsync());
        using var other = api.As(await api.RegisterUserAsync());
        await (await client.PostAsJsonAsync(Mine, new { content = File("old-name") })).ShouldBeAsync(HttpStatusCode.Created);

        await (await client.PostAsJsonAsync(Mine, new { content = File("old-name") })).ShouldRefuseAsync(HttpStatusCode.Conflict);
        await (await other.PostAsJsonAsync(Mine, new { content = File("old-name") })).ShouldBeAsync(HttpStatusCode.Created);
        var mismatch = await (await client.PatchAsJsonAsync($"{Mine}/old-name", new { content = File("new-name") })).ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.Matches("\"old-name\".*\"new-name\"", Text(mismatch, "detail"));
        await (await client.PatchAsJsonAsync($"{Mine}/missing", new { content = File("new-name") })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        await (await client.PatchAsJsonAsync($"{Mine}/missing", new { content = File("missing") })).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.DeleteAsync($"{Mine}/missing")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"content\":null,\"enabled\":null}")]
    public async Task An_update_that_says_nothing_is_refused(string body)
    {
        using var client = api.As(await api.RegisterUserAsync());
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Mine}/tidy") { Content = new StringContent(body, Encoding.UTF8, "application/json") };

        await (await client.SendAsync(request)).ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_user_has_at_most_100_also_when_they_come_at_once()
    {
        using var client = api.As(await api.RegisterUserAsync());
        for (var n = 0; n < 99; n++)
        {
            await (await client.PostAsJsonAsync(Mine, new { content = File($"s-{n}") })).ShouldBeAsync(HttpStatusCode.Created);
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => client.PostAsJsonAsync(Mine, new { content = File($"last-{n}") })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        var refused = await (await client.PostAsJsonAsync(Mine, new { content = File("s-0") })).ShouldBeAsync(HttpStatusCode.Conflict);
        Assert.Contains("100", Text(refused, "detail"), StringComparison.Ordinal);
        Assert.Equal(100, (await (await client.GetAsync(Mine)).ShouldBeAsync(HttpStatusCode.OK)).GetArrayLength());
    }

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
        await (await api.As(user).PostAsJsonAsync(Mine, new { content = File("tidy") })).ShouldBeAsync(HttpStatusCode.Created);
        using var client = api.As(await api.RegisterUserAsync(role));
        var theirs = $"/api/experimental/users/{user.Username}/skills";

        Assert.Equal(list, (int)(await client.GetAsync(theirs)).StatusCode);
        Assert.Equal(get, (int)(await client.GetAsync($"{theirs}/tidy")).StatusCode);
        Assert.Equal(create, (int)(await client.PostAsJsonAsync(theirs, new { content = File("mine") })).StatusCode);
        Assert.Equal(update, (int)(await client.PatchAsJsonAsync($"{theirs}/tidy", new { enabled = false })).StatusCode);
        Assert.Equal(role == "owner" ? 404 : update, (int)(await client.PatchAsJsonAsync($"{theirs}/none", new { enabled = false })).StatusCode);
        Assert.Equal(list is 200 ? 400 : create == 403 ? 400 : 404, (int)(await client.PostAsJsonAsync(theirs, new { content = "rubbish" })).StatusCode);
        Assert.Equal(delete, (int)(await client.DeleteAsync($"{theirs}/tidy")).StatusCode);
    }

    /// <summary>Statuses of get, create, update and delete with a token of one scope, on the own skills.</summary>
    [Theory]
    [InlineData("user_skill:read", 200, 403, 403, 404)]
    [InlineData("user_skill:create", 404, 201, 403, 404)]
    [InlineData("user_skill:update", 404, 403, 404, 404)]
    [InlineData("user_skill:delete", 404, 403, 403, 404)]
    [InlineData("user_skill:*", 200, 201, 200, 204)]
    [InlineData("coder:all", 200, 201, 200, 204)]
    [InlineData("user:read", 404, 403, 403, 404)]
    public async Task A_token_without_the_scope_is_refused_like_a_missing_role(string scope, int get, int create, int update, int delete)
    {
        var user = await api.RegisterUserAsync();
        await (await api.As(user).PostAsJsonAsync(Mine, new { content = File("tidy") })).ShouldBeAsync(HttpStatusCode.Created);
        using var client = api.WithKey(await api.MakeTokenAsync(user, new { scopes = new[] { scope } }));

        Assert.Equal(get, (int)(await client.GetAsync($"{Mine}/tidy")).StatusCode);
        Assert.Equal(create, (int)(await client.PostAsJsonAsync(Mine, new { content = File("other") })).StatusCode);
        Assert.Equal(update, (int)(await client.PatchAsJsonAsync($"{Mine}/tidy", new { enabled = false })).StatusCode);
        Assert.Equal(delete, (int)(await client.DeleteAsync($"{Mine}/tidy")).StatusCode);
    }

    [Fact]
    public async Task Each_write_leaves_one_entry_and_reads_and_failures_leave_none()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        await client.PostAsJsonAsync(Mine, new { content = File("tidy", "Trim") });
        await client.PatchAsJsonAsync($"{Mine}/tidy", new { content = File("tidy", "Trim more") });
        await client.GetAsync($"{Mine}/tidy");
        await client.PostAsJsonAsync(Mine, new { content = "rubbish" });
        await client.DeleteAsync($"{Mine}/missing");
        await client.DeleteAsync($"{Mine}/tidy");

        var log = await (await api.As(api.Owner).GetAsync($"/api/v2/audit?q=resource_type:user_skill+username:{user.Username}")).ShouldBeAsync(HttpStatusCode.OK);
        var entries = log.GetProperty("audit_logs").EnumerateArray().ToArray();
        Assert.Equal(["delete 204", "write 200", "create 201"], entries.Select(entry => $"{Text(entry, "action")} {entry.GetProperty("status_code")}"));
        Assert.All(entries, entry => Assert.Equal("tidy", Text(entry, "resource_target")));
        var created = entries[2].GetProperty("diff");
        Assert.Equal(("", "Trim"), (Text(created.GetProperty("description"), "old"), Text(created.GetProperty("description"), "new")));
        Assert.Equal(File("tidy", "Trim"), Text(created.GetProperty("content"), "new"));
        Assert.False(created.TryGetProperty("created_at", out _));
        Assert.Equal(["content", "description"], entries[1].GetProperty("diff").EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal("", Text(entries[0].GetProperty("diff").GetProperty("content"), "new"));
    }

    [Fact]
    public async Task A_refused_write_leaves_an_entry_with_its_status()
    {
        var user = await api.RegisterUserAsync();
        var admin = await api.RegisterUserAsync("user-admin");
        await api.As(admin).PostAsJsonAsync($"/api/experimental/users/{user.Id}/skills", new { content = File("tidy") });

        var log = await (await api.As(api.Owner).GetAsync($"/api/v2/audit?q=resource_type:user_skill+username:{admin.Username}")).ShouldBeAsync(HttpStatusCode.OK);
        var entry = Assert.Single(log.GetProperty("audit_logs").EnumerateArray());
        Assert.Equal((403, "create", "{}"), (entry.GetProperty("status_code").GetInt32(), Text(entry, "action"), entry.GetProperty("diff").ToString()));
    }

    [Fact]
    public async Task Below_a_deleted_user_writes_are_conflicts_and_reads_find_nothing()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).PostAsJsonAsync(Mine, new { content = File("tidy") });
        using var owner = api.As(api.Owner);
        await (await owner.DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        var theirs = $"/api/experimental/users/{user.Id}/skills";

        var create = await (await owner.PostAsJsonAsync(theirs, new { content = File("late") })).ShouldBeAsync(HttpStatusCode.Conflict);
        var update = await (await owner.PatchAsJsonAsync($"{theirs}/tidy", new { enabled = true })).ShouldBeAsync(HttpStatusCode.Conflict);
        Assert.Equal(Text(create, "detail"), Text(update, "detail"));
        Assert.NotEqual(Text(create, "message"), Text(update, "message"));
        await (await owner.PostAsJsonAsync(theirs, new { content = "rubbish" })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        await (await owner.GetAsync(theirs)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await owner.DeleteAsync($"{theirs}/tidy")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await owner.GetAsync($"/api/experimental/users/{user.Username}/skills")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await api.As(await api.RegisterUserAsync()).PostAsJsonAsync(theirs, new { content = File("late") })).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    private static string File(string name, string description = "D") => $"---\nname: {name}\ndescription: {description}\n---\n\nDo it.\n";

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;
}
