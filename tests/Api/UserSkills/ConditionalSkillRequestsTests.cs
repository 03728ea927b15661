using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>Entity tags of skills: additions.md 6 and 8.</summary>
[Collection(SecondApi.Name)]
public sealed class ConditionalSkillRequestsTests(ModularApi api) : IAsyncLifetime
{
    /// <summary>Every write that <c>If-Match</c> protects.</summary>
    public static TheoryData<string, string, object?> Writes => new()
    {
        { "PATCH", "tidy", new { content = File("tidy", "changed by the write") } },
        { "PATCH", "tidy", new { enabled = false } },
        { "PATCH", "tidy", new { enabled = true } },
        { "POST", "tidy/versions/1/restore", null },
        { "POST", "tidy/versions/2/restore", null },
        { "DELETE", "tidy", null },
    };

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        using var client = api.As(await api.RegisterUserAsync());
        using var created = await client.PostAsJsonAsync(Mine, new { content = File("tidy") });
        var tag = created.Headers.ETag!.ToString();
        Assert.Matches("^\"[0-9a-f]{64}\"$", tag);

        foreach (var header in (string[])[tag, $"W/{tag}", "*", $"\"other\", {tag}"])
        {
            using var again = await SendAsync(client, "GET", "tidy", null, "If-None-Match", header);
            Assert.Equal((HttpStatusCode.NotModified, tag), (again.StatusCode, again.Headers.ETag!.ToString()));
            Assert.Empty(await again.Content.ReadAsByteArrayAsync());
        }

        foreach (var header in (string[])["\"other\"", "nonsense"])
        {
            using var anew = await SendAsync(client, "GET", "tidy", null, "If-None-Match", header);
            await anew.ShouldBeAsync(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task The_tag_is_that_of_content_and_switch()
    {
        using var client = api.As(await api.RegisterUserAsync());
        using var other = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));
        await other.AddSkillAsync(File("tidy"));
        var tag = await TagAsync(client);
        Assert.Equal(tag, await TagAsync(other));

        await client.ChangeSkillAsync("tidy", new { enabled = true, content = File("tidy") });
        Assert.Equal(tag, await TagAsync(client));
        using var off = await client.PatchAsJsonAsync($"{Mine}/tidy", new { enabled = false });
        var tagOff = off.Headers.ETag!.ToString();
        Assert.NotEqual(tag, tagOff);
        Assert.Equal(tagOff, await TagAsync(client));
        await client.ChangeSkillAsync("tidy", new { enabled = true, content = File("tidy", "changed") });
        var changed = await TagAsync(client);
        Assert.DoesNotContain(changed, (string[])[tag, tagOff]);
        using var restored = await client.PostAsync($"{Mine}/tidy/versions/1/restore", null);
        Assert.Equal(tag, restored.Headers.ETag!.ToString());
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_for_an_older_state_is_refused_and_one_for_this_state_is_not(string method, string path, object? body)
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));
        var old = await TagAsync(client);
        await client.ChangeSkillAsync("tidy", new { content = File("tidy", "changed") });
        var now = await TagAsync(client);

        foreach (var stale in (string[])[old, $"W/{now}", "nonsense", ""])
        {
            using var refused = await SendAsync(client, method, path, body, "If-Match", stale);
            await refused.ShouldRefuseAsync(HttpStatusCode.PreconditionFailed);
        }

        Assert.Equal(now, await TagAsync(client));
        Assert.Equal(2, (await client.ReadAsync($"{Mine}/tidy/versions")).GetArrayLength());
        using var accepted = await SendAsync(client, method, path, body, "If-Match", $"\"other\", {now}");
        Assert.True(accepted.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("PATCH", "tidy")]
    [InlineData("DELETE", "tidy")]
    [InlineData("POST", "tidy/versions/1/restore")]
    public async Task A_star_stands_for_any_state(string method, string path)
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));

        using var accepted = await SendAsync(client, method, path, new { enabled = false }, "If-Match", "*");

        Assert.True(accepted.IsSuccessStatusCode);
    }

    /// <summary>The tag is looked at after everything else, and tells nobody anything of a skill that is not there or not theirs.</summary>
    [Theory]
    [InlineData("PATCH", "tidy", "{}", 400, 400)]
    [InlineData("PATCH", "tidy", """{"content":"rubbish"}""", 400, 400)]
    [InlineData("PATCH", "missing", """{"enabled":true}""", 404, 404)]
    [InlineData("PATCH", "tidy", """{"enabled":true}""", 412, 403)]
    [InlineData("DELETE", "missing", null, 404, 404)]
    [InlineData("DELETE", "tidy", null, 412, 412)]
    [InlineData("POST", "missing/versions/1/restore", null, 404, 404)]
    [InlineData("POST", "tidy/versions/9/restore", null, 404, 403)]
    [InlineData("POST", "tidy/versions/1/restore", null, 412, 403)]
    public async Task Comes_after_rights_fields_and_existence(string method, string path, string? body, int ofUser, int ofOwner)
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        await client.AddSkillAsync(File("tidy"));

        foreach (var (caller, status) in new[] { (client, ofUser), (api.As(api.Owner), ofOwner) })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/experimental/users/{user.Id}/skills/{path}");
            request.Headers.TryAddWithoutValidation("If-Match", "\"other\"");
            request.Content = body is null ? null : new StringContent(body);
            using var refused = await caller.SendAsync(request);
            await refused.ShouldRefuseAsync((HttpStatusCode)status);
        }
    }

    [Fact]
    public async Task Of_many_writes_for_one_state_one_is_made()
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy"));
        var tag = await TagAsync(client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(n =>
            SendAsync(client, "PATCH", "tidy", new { content = File("tidy", $"write {n}") }, "If-Match", tag)));

        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(9, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
        Assert.Equal(2, (await client.ReadAsync($"{Mine}/tidy/versions")).GetArrayLength());
    }

    private static async Task<string> TagAsync(HttpClient client)
    {
        using var read = await client.GetAsync($"{Mine}/tidy");
        await read.ShouldBeAsync(HttpStatusCode.OK);
        return read.Headers.ETag!.ToString();
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, string method, string path, object? body, string header, string value)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{Mine}/{path}");
        request.Headers.TryAddWithoutValidation(header, value);
        request.Content = body is null ? null : JsonContent.Create(body);
        return await client.SendAsync(request);
    }
}
