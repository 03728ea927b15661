using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>What users do with their skills, and in which order what is wrong is told: user-skills.md 4.</summary>
[Collection(SharedApi.Name)]
public sealed class PersonalSkillsTests(ModularApi api) : IAsyncLifetime
{
    /// <summary>Every byte of the largest file as an escape of six, and 1,024 for the rest.</summary>
    private const int MaxBody = 394_240;

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_skill_is_created_listed_read_changed_and_deleted()
    {
        using var client = api.As(await api.RegisterUserAsync());
        Assert.Equal("[]", (await client.GetStringAsync(Mine)).Trim());

        using var answer = await client.PostAsJsonAsync(Mine, new { content = File("tidy", "Trim"), enabled = false, name = "x", description = "y" });
        var created = await answer.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Null(answer.Headers.Location);
        Assert.Equal(["id", "name", "description", "enabled", "created_at", "updated_at", "content"], Members(created));
        Assert.Equal(("tidy", "Trim", true), (created.Text("name"), created.Text("description"), created.GetProperty("enabled").GetBoolean()));
        Assert.Equal(File("tidy", "Trim"), created.Text("content"));
        Assert.Equal(created.Text("created_at"), created.Text("updated_at"));

        var listed = Assert.Single((await client.ReadAsync(Mine)).EnumerateArray());
        Assert.Equal(["id", "name", "description", "enabled", "created_at", "updated_at"], Members(listed));
        Assert.Equal(created.Text("id"), listed.Text("id"));

        var changed = await client.ChangeSkillAsync("tidy", new { content = File("tidy", "Trim more") });
        Assert.Equal((created.Text("id"), "Trim more", true), (changed.Text("id"), changed.Text("description"), changed.GetProperty("enabled").GetBoolean()));
        var off = await client.ChangeSkillAsync("tidy", new { enabled = false });
        Assert.Equal((false, "Trim more", File("tidy", "Trim more")), (off.GetProperty("enabled").GetBoolean(), off.Text("description"), off.Text("content")));
        Assert.Equal(off.ToString(), (await client.ReadAsync($"{Mine}/tidy")).ToString());
        Assert.False((await client.ReadAsync(Mine))[0].GetProperty("enabled").GetBoolean());
        var without = await client.ChangeSkillAsync("tidy", new { content = "---\nname: tidy\n---\nDo it.", enabled = true });
        Assert.Equal(("", true), (without.Text("description"), without.GetProperty("enabled").GetBoolean()));

        using var deleted = await client.DeleteAsync($"{Mine}/tidy");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(await deleted.Content.ReadAsByteArrayAsync());
        await (await client.GetAsync($"{Mine}/tidy")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("\uFEFF---\r\nname: tidy # a comment\r\nx-own: [1, 2]\r\n---\r\n<!-- hidden -->\r\nDo it.\r\n\r\n")]
    [InlineData("  ---\nname: |\n  tidy\n  ---\n\u2028Dö ït \U0001F600\t\u0007\u200B\n<b>&amp;</b>")]
    public async Task The_content_comes_back_byte_for_byte(string content)
    {
        using var client = api.As(await api.RegisterUserAsync());

        Assert.Equal(content, (await client.AddSkillAsync(content)).Text("content"));
        Assert.Equal(content, (await client.ReadAsync($"{Mine}/tidy")).Text("content"));
        Assert.Equal(content, (await client.ReadAsync($"{Mine}/tidy/versions/1")).Text("content"));
    }

    [Fact]
    public async Task Every_update_moves_the_time_also_one_that_changes_nothing()
    {
        using var client = api.As(await api.RegisterUserAsync());
        var created = await client.AddSkillAsync(File("tidy"));

        var updated = await client.ChangeSkillAsync("tidy", new { content = File("tidy"), enabled = true });

        Assert.Equal(created.Text("created_at"), updated.Text("created_at"));
        Assert.True(updated.GetProperty("updated_at").GetDateTimeOffset() > created.GetProperty("updated_at").GetDateTimeOffset());
    }

    public static TheoryData<string> UnreadableBodies => new()
    {
        "{\"content\": 1}",
        "[]",
        "",
        "rubbish",
        "{\"content\": \"a\\u0000b\"}",
        "{\"content\": \"a\\ud800b\"}",
        "{\"content\": \"a\", \"content\": \"b\"}",
        "{\"content\": \"a\"} {}",
        "{\"content\": \"a\", \"enabled\": \"false\"}", // A create reads no enabled, but has no skill in its content either.
    };

    [Theory, MemberData(nameof(UnreadableBodies))]
    public async Task A_body_that_cannot_be_read_is_refused(string body)
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));

        await (await client.PostAsync(Mine, Json(body))).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        await (await client.PatchAsync($"{Mine}/tidy", Json(body))).ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    /// <summary>Each kind of wrong content has a message of its own, and a detail that says what is wrong.</summary>
    public static TheoryData<string?, string, string> WrongContents => new()
    {
        { null, "The skill has no valid content.", "SKILL.md" },
        { "", "The skill has no valid content.", "SKILL.md" },
        { "no frontmatter", "The skill has no valid content.", "'---'" },
        { "---\nname: tidy\ndescription: 42\n---\nDo it.", "The skill has no valid content.", "quotation marks" },
        { "---\nname: tidy\ndescription: Use when: editing\n---\nDo it.", "The skill has no valid content.", "(line 3). A text with a colon" },
        { "---\ndescription: D\n---\nDo it.", "The skill has no valid name.", "needs a name" },
        { File("NotKebab"), "The skill has no valid name.", "lower-case" },
        { File(new string('a', 257)), "The skill has no valid name.", "257 bytes; at most 256" },
        { "---\nname: tidy\n---\n \n", "The skill has no instructions.", "below the frontmatter" },
        { "---\nname: tidy\n---\n<!-- all of it -->\n", "The skill has no instructions.", "comments" },
        { File("tidy", new string('é', 2_049)), "The skill's description is too large.", "4098 bytes; at most 4096" },
        { new string('a', 65_537), "The skill is too large.", "65537 bytes; at most 65536" },
    };

    [Theory, MemberData(nameof(WrongContents))]
    public async Task What_is_no_skill_is_refused_with_what_is_wrong(string? content, string message, string detail)
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));

        var answers = new List<HttpResponseMessage> { await client.PostAsJsonAsync(Mine, new { content }) };
        if (content is not null)
        {
            answers.Add(await client.PatchAsJsonAsync($"{Mine}/tidy", new { content }));
        }

        foreach (var answer in answers)
        {
            var refused = await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
            Assert.Equal(message, refused.Text("message"));
            Assert.Contains(detail, refused.Text("detail"), StringComparison.Ordinal);
            Assert.False(refused.TryGetProperty("validations", out _));
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"content\":null,\"enabled\":null}")]
    public async Task An_update_that_says_nothing_is_refused(string body)
    {
        using var client = api.As(await api.RegisterUserAsync());
        using var update = await client.PatchAsync($"{Mine}/tidy", Json(body));
        using var create = await client.PostAsync(Mine, Json(body));

        var refused = await update.ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.NotEqual((await create.ShouldBeAsync(HttpStatusCode.BadRequest)).Text("message"), refused.Text("message"));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public async Task The_largest_file_is_accepted_however_long_its_json_and_nothing_longer(string method)
    {
        using var client = api.As(await api.RegisterUserAsync());
        const string head = "---\nname: tidy\n---\n";
        var content = head + new string('"', 65_536 - head.Length);
        var escaped = string.Concat(content.Select(letter => $"\\u{(int)letter:x4}"));
        if (method == "PATCH")
        {
            await client.AddSkillAsync(File("tidy"));
        }

        var longest = $"{{\"content\":\"{escaped}\"}}".PadRight(MaxBody);
        var stored = await (await SendAsync(longest)).ShouldBeAsync(method == "POST" ? HttpStatusCode.Created : HttpStatusCode.OK);
        Assert.Equal(content, stored.Text("content"));
        await (await SendAsync(longest + " ")).ShouldRefuseAsync(HttpStatusCode.RequestEntityTooLarge);
        await (await SendAsync(new string('x', MaxBody + 1))).ShouldRefuseAsync(HttpStatusCode.RequestEntityTooLarge);

        async Task<HttpResponseMessage> SendAsync(string body)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), method == "POST" ? Mine : $"{Mine}/tidy") { Content = Json(body) };
            return await client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Members_are_read_in_any_case_and_others_ignored()
    {
        using var client = api.As(await api.RegisterUserAsync());
        var body = JsonSerializer.Serialize(new { CONTENT = File("tidy"), unknown = new { a = 1 } });

        await (await client.PostAsync(Mine, Json(body))).ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_name_is_one_users_alone_and_never_changes()
    {
        using var client = api.As(await api.RegisterUserAsync());
        using var other = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("old-name"));

        await (await client.PostAsJsonAsync(Mine, new { content = File("old-name", "another") })).ShouldRefuseAsync(HttpStatusCode.Conflict);
        await other.AddSkillAsync(File("old-name"));
        var mismatch = await (await client.PatchAsJsonAsync($"{Mine}/old-name", new { content = File("new-name") })).ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.Matches("\"old-name\".*\"new-name\"", mismatch.Text("detail"));
        await (await client.PatchAsJsonAsync($"{Mine}/Old-Name", new { content = File("old-name") })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        await (await client.PatchAsJsonAsync($"{Mine}/missing", new { content = File("new-name") })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        await (await client.PatchAsJsonAsync($"{Mine}/missing", new { content = File("missing") })).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.DeleteAsync($"{Mine}/missing")).ShouldRefuseAsync(HttpStatusCode.NotFound);

        await client.DeleteAsync($"{Mine}/old-name");
        await client.AddSkillAsync(File("old-name"));
    }

    [Theory]
    [InlineData("TIDY")]
    [InlineData("tidy%20")]
    [InlineData("personal%2Ftidy")]
    [InlineData("t%C3%AFdy")]
    [InlineData("tid_")]
    public async Task Only_the_exact_name_finds_a_skill(string name)
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));

        await (await client.GetAsync($"{Mine}/{name}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.DeleteAsync($"{Mine}/{name}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.PatchAsJsonAsync($"{Mine}/{name}", new { enabled = false })).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_user_has_at_most_100_and_disabled_ones_count()
    {
        using var client = api.As(await api.RegisterUserAsync());
        for (var n = 0; n < 100; n++)
        {
            await client.AddSkillAsync(File($"s-{n}"));
        }

        await client.ChangeSkillAsync("s-0", new { enabled = false });
        foreach (var name in (string[])["one-more", "s-1"])
        {
            var refused = await (await client.PostAsJsonAsync(Mine, new { content = File(name) })).ShouldBeAsync(HttpStatusCode.Conflict);
            Assert.Contains("100", refused.Text("detail"), StringComparison.Ordinal);
        }

        await client.ChangeSkillAsync("s-1", new { content = File("s-1", "changed") });
        await client.DeleteAsync($"{Mine}/s-0");
        await client.AddSkillAsync(File("one-more"));
    }

    [Fact]
    public async Task Below_a_deleted_user_writes_are_conflicts_and_reads_find_nothing()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("tidy"));
        using var owner = api.As(api.Owner);
        await (await owner.DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        var theirs = $"/api/experimental/users/{user.Id}/skills";

        foreach (var reader in new[] { owner, api.As(await api.RegisterUserAsync("user-admin")) })
        {
            var create = await (await reader.PostAsJsonAsync(theirs, new { content = File("late") })).ShouldBeAsync(HttpStatusCode.Conflict);
            var update = await (await reader.PatchAsJsonAsync($"{theirs}/tidy", new { enabled = true })).ShouldBeAsync(HttpStatusCode.Conflict);
            Assert.Equal(create.Text("detail"), update.Text("detail"));
            Assert.NotEqual(create.Text("message"), update.Text("message"));
            await (await reader.PostAsJsonAsync(theirs, new { content = "rubbish" })).ShouldRefuseAsync(HttpStatusCode.BadRequest);
            await (await reader.GetAsync(theirs)).ShouldRefuseAsync(HttpStatusCode.NotFound);
            await (await reader.DeleteAsync($"{theirs}/tidy")).ShouldRefuseAsync(HttpStatusCode.NotFound);
            await (await reader.GetAsync($"/api/experimental/users/{user.Username}/skills")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        }

        await (await api.As(await api.RegisterUserAsync()).PostAsJsonAsync(theirs, new { content = File("late") })).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static IEnumerable<string> Members(JsonElement json) => json.EnumerateObject().Select(member => member.Name);
}
