using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>The contents that a skill has had: additions.md 6.</summary>
[Collection(SecondApi.Name)]
public sealed class VersionsTests(ModularApi api) : IAsyncLifetime
{
    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Every_change_of_the_content_keeps_the_former_one_with_who_and_when()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        string[] contents = [File("tidy", "one"), File("tidy", "two"), File("tidy", "two", "Differently.")];
        var created = await client.AddSkillAsync(contents[0]);
        await client.ChangeSkillAsync("tidy", new { content = contents[1] });
        var changed = await client.ChangeSkillAsync("tidy", new { content = contents[2], enabled = false });

        var versions = await client.ReadAsync($"{Mine}/tidy/versions");

        Assert.Equal([3, 2, 1], Numbers(versions));
        Assert.Equal(["two", "two", "one"], versions.EnumerateArray().Select(version => version.Text("description")));
        Assert.All(versions.EnumerateArray(), version => Assert.Equal(user.Id.ToString(), version.Text("created_by")));
        Assert.All(versions.EnumerateArray(), version => Assert.False(version.TryGetProperty("content", out _)));
        Assert.Equal(changed.Text("updated_at"), versions[0].Text("created_at"));
        Assert.Equal(created.Text("created_at"), versions[2].Text("created_at"));
        for (var number = 1; number <= 3; number++)
        {
            var version = await client.ReadAsync($"{Mine}/tidy/versions/{number}");
            Assert.Equal(contents[number - 1], version.Text("content"));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(contents[number - 1]))), version.Text("content_sha256"));
            Assert.Equal(versions[3 - number].ToString(), JsonSerializer.Serialize(Without(version, "content")));
        }
    }

    [Fact]
    public async Task What_changes_no_content_is_no_version()
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));

        await client.ChangeSkillAsync("tidy", new { enabled = false });
        await client.ChangeSkillAsync("tidy", new { content = File("tidy"), enabled = true });
        await RestoreAsync(client, "tidy", 1);

        Assert.Equal([1], Numbers(await client.ReadAsync($"{Mine}/tidy/versions")));
    }

    [Fact]
    public async Task A_restored_content_is_a_new_version_and_leaves_the_switch()
    {
        using var client = api.As(await api.RegisterUserAsync());
        var created = await client.AddSkillAsync(File("tidy", "one"));
        await client.ChangeSkillAsync("tidy", new { content = "---\nname: tidy\n---\nWithout description.\n" });
        await client.ChangeSkillAsync("tidy", new { enabled = false });

        var restored = await RestoreAsync(client, "tidy", 1);

        Assert.Equal((created.Text("id"), "one", File("tidy", "one")), (restored.Text("id"), restored.Text("description"), restored.Text("content")));
        Assert.False(restored.GetProperty("enabled").GetBoolean());
        Assert.Equal([3, 2, 1], Numbers(await client.ReadAsync($"{Mine}/tidy/versions")));
        Assert.Equal(restored.ToString(), (await client.ReadAsync($"{Mine}/tidy")).ToString());
        Assert.Equal("", (await RestoreAsync(client, "tidy", 2)).Text("description"));
        Assert.Equal([4, 3, 2, 1], Numbers(await client.ReadAsync($"{Mine}/tidy/versions")));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("01x")]
    [InlineData("1.0")]
    [InlineData("99999999999999999999")]
    [InlineData("%20")]
    public async Task A_version_that_there_is_not_is_not_found(string version)
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));

        await (await client.GetAsync($"{Mine}/tidy/versions/{version}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.PostAsync($"{Mine}/tidy/versions/{version}/restore", null)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync($"{Mine}/other/versions")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync($"{Mine}/other/versions/1")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.PostAsync($"{Mine}/other/versions/1/restore", null)).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_newest_20_are_kept()
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy", "\"1\""));
        for (var number = 2; number <= 25; number++)
        {
            await client.ChangeSkillAsync("tidy", new { content = File("tidy", $"\"{number}\"") });
        }

        Assert.Equal(Enumerable.Range(6, 20).Reverse(), Numbers(await client.ReadAsync($"{Mine}/tidy/versions")));
        await (await client.GetAsync($"{Mine}/tidy/versions/5")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Equal("6", (await RestoreAsync(client, "tidy", 6)).Text("description"));
        Assert.Equal(Enumerable.Range(7, 20).Reverse(), Numbers(await client.ReadAsync($"{Mine}/tidy/versions")));
    }

    [Theory]
    [InlineData("1", new[] { 4 })]
    [InlineData("3", new[] { 4, 3, 2 })]
    public async Task An_operator_says_how_many_are_kept(string kept, int[] versions)
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Skills:KeptVersions"] = kept }, sameDatabase: true);
        using var client = server.Client((await api.RegisterUserAsync()).Session);
        await client.AddSkillAsync(File("tidy", "one"));
        foreach (var description in (string[])["two", "three", "four"])
        {
            await client.ChangeSkillAsync("tidy", new { content = File("tidy", description) });
        }

        Assert.Equal(versions, Numbers(await client.ReadAsync($"{Mine}/tidy/versions")));
    }

    [Fact]
    public async Task They_go_with_the_skill_and_with_the_user()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        var deleted = await client.AddSkillAsync(File("tidy"));
        await client.ChangeSkillAsync("tidy", new { content = File("tidy", "two") });
        var kept = await client.AddSkillAsync(File("other"));

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{Mine}/tidy")).StatusCode);
        await (await client.GetAsync($"{Mine}/tidy/versions")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Equal((0L, 1L), (await CountAsync(deleted.Id()), await CountAsync(kept.Id())));
        await client.AddSkillAsync(File("tidy"));
        Assert.Equal([1], Numbers(await client.ReadAsync($"{Mine}/tidy/versions")));

        await (await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(0L, await CountAsync(kept.Id()));
    }

    [Fact]
    public async Task Changes_at_once_are_numbered_one_after_another()
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy", "first"));

        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => client.ChangeSkillAsync("tidy", new { content = File("tidy", $"change {n}") })));

        var versions = await client.ReadAsync($"{Mine}/tidy/versions");
        Assert.Equal(Enumerable.Range(1, 13).Reverse(), Numbers(versions));
        Assert.Equal(13, versions.EnumerateArray().Select(version => version.Text("content_sha256")).Distinct().Count());
        Assert.Equal(
            (await client.ReadAsync($"{Mine}/tidy")).Text("content"), (await client.ReadAsync($"{Mine}/tidy/versions/13")).Text("content"));
    }

    /// <summary>Statuses of reading versions and of restoring one of another user's skill.</summary>
    [Theory]
    [InlineData("member", 404, 404)]
    [InlineData("user-admin", 404, 403)]
    [InlineData("auditor", 404, 403)]
    [InlineData("owner", 200, 403)]
    public async Task They_are_read_like_the_skill_and_restored_like_a_change(string role, int read, int restore)
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("tidy"));
        using var client = api.As(await api.RegisterUserAsync(role));
        var theirs = $"/api/experimental/users/{user.Id}/skills/tidy/versions";

        Assert.Equal(read, (int)(await client.GetAsync(theirs)).StatusCode);
        Assert.Equal(read, (int)(await client.GetAsync($"{theirs}/1")).StatusCode);
        Assert.Equal(restore, (int)(await client.PostAsync($"{theirs}/1/restore", null)).StatusCode);
    }

    [Fact]
    public async Task Below_a_deleted_user_restoring_is_a_conflict_and_reading_finds_nothing()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("tidy"));
        using var owner = api.As(api.Owner);
        await (await owner.DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        var theirs = $"/api/experimental/users/{user.Id}/skills/tidy/versions";

        await (await owner.PostAsync($"{theirs}/1/restore", null)).ShouldRefuseAsync(HttpStatusCode.Conflict);
        await (await owner.GetAsync(theirs)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await owner.GetAsync($"{theirs}/1")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    private static IEnumerable<int> Numbers(JsonElement versions) => versions.EnumerateArray().Select(version => version.GetProperty("version").GetInt32());

    private static Dictionary<string, JsonElement> Without(JsonElement json, string member) =>
        json.EnumerateObject().Where(one => one.Name != member).ToDictionary(one => one.Name, one => one.Value);

    private static async Task<JsonElement> RestoreAsync(HttpClient client, string name, int version)
    {
        using var restored = await client.PostAsync($"{Mine}/{name}/versions/{version}/restore", null);
        return await restored.ShouldBeAsync(HttpStatusCode.OK);
    }

    private async Task<object?> CountAsync(Guid skill)
    {
        await using var database = await api.OpenDatabaseAsync();
        await using var command = new Npgsql.NpgsqlCommand("select count(*) from user_skills.skill_versions where skill_id = $1", database);
        command.Parameters.AddWithValue(skill);
        return await command.ExecuteScalarAsync();
    }
}
