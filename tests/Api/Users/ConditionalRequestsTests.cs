using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Entity tags of users: additions.md 8.</summary>
[Collection(SecondApi.Name)]
public sealed class ConditionalRequestsTests(ModularApi api)
{
    /// <summary>Every write that <c>If-Match</c> protects, and what it does to the tag.</summary>
    public static TheoryData<string, string, string?> Writes => new()
    {
        { "PUT", "profile", """{"username":"{username}","name":"Somebody"}""" },
        { "PUT", "roles", """{"roles":["auditor"]}""" },
        { "PUT", "status/suspend", null },
        { "PUT", "status/activate", null },
        { "PUT", "password", """{"password":"AnotherPassword!42"}""" },
        { "DELETE", "", null },
    };

    [Fact]
    public async Task A_stale_request_for_a_password_tells_nothing_of_the_present_one()
    {
        var (admin, user) = (await api.RegisterUserAsync("user-admin"), await api.CreateAsync());
        foreach (var guess in (string[])[ModularApi.Password, "NotThePassword!23"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v2/users/{user.Id()}/password")
            {
                Content = JsonContent.Create(new { password = guess }),
                Headers = { { "If-Match", "\"stale\"" } },
            };
            using var answer = await api.As(admin).SendAsync(request);
            await answer.ShouldRefuseAsync(HttpStatusCode.PreconditionFailed);
        }
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        var user = await api.CreateAsync();
        var path = $"/api/v2/users/{user.Id()}";
        var tag = await TagAsync(path);
        Assert.Matches("^\"[0-9a-f]{32}\"$", tag);

        foreach (var header in (string[])[tag, $"W/{tag}", "*", $"\"other\", {tag}"])
        {
            using var again = await GetAsync(path, header);
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Equal(tag, again.Headers.ETag!.ToString());
            Assert.Empty(await again.Content.ReadAsByteArrayAsync());
        }

        foreach (var header in (string[])["\"other\"", "nonsense"])
        {
            using var anew = await GetAsync(path, header);
            await anew.ShouldBeAsync(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Every_way_to_name_a_user_has_one_tag_on_every_server()
    {
        var user = await api.RegisterUserAsync();
        await using var other = await api.StartAnotherAsync(sameDatabase: true);
        var tag = await TagAsync($"/api/v2/users/{user.Id}");
        Assert.Equal(tag, await TagAsync($"/api/v2/users/{user.Username.ToUpperInvariant()}"));
        using var me = await other.Client(user.Session).GetAsync("/api/v2/users/me");
        Assert.Equal(tag, me.Headers.ETag!.ToString());
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_for_an_older_state_is_refused_and_one_for_this_state_is_not(string method, string route, string? body)
    {
        var user = await api.CreateAsync();
        var path = $"/api/v2/users/{user.Id()}";
        var old = await TagAsync(path);
        using var changed = await api.As(api.Owner).PutAsJsonAsync($"{path}/profile", new { username = user.Text("username"), name = "Changed" });
        await changed.ShouldBeAsync(HttpStatusCode.OK);
        var now = await TagAsync(path);
        Assert.NotEqual(old, now);
        Assert.Equal(now, changed.Headers.ETag!.ToString());

        foreach (var stale in (string[])[old, $"W/{now}", "nonsense"])
        {
            using var refused = await WriteAsync(stale);
            await refused.ShouldRefuseAsync(HttpStatusCode.PreconditionFailed);
        }

        Assert.Equal(now, await TagAsync(path));
        using var accepted = await WriteAsync($"\"other\", {now}");
        Assert.True(accepted.IsSuccessStatusCode);

        async Task<HttpResponseMessage> WriteAsync(string ifMatch)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}/{route}".TrimEnd('/'));
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            request.Content = body is null ? null : new StringContent(body.Replace("{username}", user.Text("username"), StringComparison.Ordinal));
            return await api.As(api.Owner).SendAsync(request);
        }
    }

    [Fact]
    public async Task Of_two_writes_for_one_state_one_is_refused()
    {
        var user = await api.CreateAsync();
        var path = $"/api/v2/users/{user.Id()}";
        var tag = await TagAsync(path);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"{path}/profile");
            request.Headers.TryAddWithoutValidation("If-Match", tag);
            request.Content = JsonContent.Create(new { username = user.Text("username"), name = $"Name {i}" });
            return await api.As(api.Owner).SendAsync(request);
        }));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(9, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Being_seen_changes_no_tag()
    {
        var user = await api.RegisterAndLogInAsync();
        await People.EventuallyAsync(async () =>
            (await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}")).GetProperty("last_seen_at").GetDateTimeOffset() > DateTimeOffset.UnixEpoch);
        var tag = await TagAsync($"/api/v2/users/{user.Id}");
        await api.ExecuteAsync("update users.users set last_seen_at = now(), updated_at = now() where id = $1", user.Id);
        Assert.Equal(tag, await TagAsync($"/api/v2/users/{user.Id}"));
    }

    [Theory]
    [InlineData("""{"username":"-"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"username":"owner"}""", HttpStatusCode.PreconditionFailed)]
    public async Task Comes_after_the_fields_and_before_conflicts(string body, HttpStatusCode status)
    {
        var user = await api.CreateAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v2/users/{user.Id()}/profile") { Content = new StringContent(body) };
        request.Headers.TryAddWithoutValidation("If-Match", "\"other\"");
        using var refused = await api.As(api.Owner).SendAsync(request);
        await refused.ShouldBeAsync(status);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string ifNoneMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await api.As(api.Owner).SendAsync(request);
    }

    private async Task<string> TagAsync(string path)
    {
        using var read = await api.As(api.Owner).GetAsync(path);
        await read.ShouldBeAsync(HttpStatusCode.OK);
        return read.Headers.ETag!.ToString();
    }
}
