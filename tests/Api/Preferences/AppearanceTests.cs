using System.Net;
using System.Text;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Preferences;

/// <summary>Appearance settings: what is kept when an older client knows less, what is refused, and for whom.</summary>
[Collection(SharedApi.Name)]
public sealed class AppearanceTests(ModularApi api)
{
    private const string Mine = "/api/v2/users/me/appearance";
    private const string Sync = """{"theme_preference":"dark","theme_mode":"sync","theme_light":"light-tritan","theme_dark":"dark-tritan","terminal_font":"fira-code"}""";

    /// <summary>Requests one after another, and preference, mode, light, dark and font after the last.</summary>
    public static TheoryData<string[], string[]> Sequences => new()
    {
        { [], ["", "", "", "", ""] },
        { [Sync], ["dark", "sync", "light-tritan", "dark-tritan", "fira-code"] },
        { ["""{"theme_preference":"x","theme_mode":"sync","theme_light":"dark-tritan","theme_dark":"light-tritan"}"""], ["x", "sync", "dark-tritan", "light-tritan", ""] },
        { ["""{"theme_preference":"dark"}"""], ["dark", "", "", "", ""] },
        { [Sync, """{"theme_preference":"light","terminal_font":"geist-mono"}"""], ["light", "sync", "light-tritan", "dark-tritan", "geist-mono"] },
        { [Sync, """{"theme_preference":"light","theme_light":"light"}"""], ["light", "sync", "light-tritan", "dark-tritan", "fira-code"] },
        { [Sync, """{"theme_preference":"dark","theme_mode":"single"}"""], ["dark", "single", "light-tritan", "dark-tritan", "fira-code"] },
        { ["""{"theme_preference":"dark","theme_mode":"single","theme_light":"light","theme_dark":"dark"}"""], ["dark", "single", "light", "dark", ""] },
        { [Sync, """{"theme_preference":"dark","theme_mode":"single","theme_light":"light"}"""], ["dark", "single", "light", "dark-tritan", "fira-code"] },
        { [Sync, """{"theme_preference":"auto"}"""], ["auto", "", "light-tritan", "dark-tritan", "fira-code"] },
        { [Sync, """{"theme_preference":"auto-tritan","theme_mode":""}"""], ["auto-tritan", "", "light-tritan", "dark-tritan", "fira-code"] },
    };

    [Theory, MemberData(nameof(Sequences))]
    public async Task Settings_are_changed_and_kept_as_each_request_says(string[] requests, string[] expected)
    {
        using var client = api.As(await api.RegisterUserAsync());
        foreach (var request in requests)
        {
            using var saved = await PutAsync(client, Mine, request);
            var answered = await saved.ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(answered.ToString(), (await (await client.GetAsync(Mine)).ShouldBeAsync(HttpStatusCode.OK)).ToString());
        }

        var settings = await (await client.GetAsync(Mine)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(
            expected,
            new[] { "theme_preference", "theme_mode", "theme_light", "theme_dark", "terminal_font" }.Select(field => settings.GetProperty(field).GetString()));
    }

    public static TheoryData<string, string[]> Wrong => new()
    {
        { "{}", ["theme_preference"] },
        { """{"theme_preference":""}""", ["theme_preference"] },
        { $"{{\"theme_preference\":\"{new string('x', 257)}\"}}", ["theme_preference"] },
        { """{"theme_preference":"dark","theme_mode":"wizard"}""", ["theme_mode"] },
        { """{"theme_preference":"dark","theme_mode":"sync","theme_light":"../../etc/passwd","theme_dark":"dark"}""", ["theme_light"] },
        { """{"theme_preference":"dark","theme_mode":"sync","theme_light":"light","theme_dark":"xss-payload"}""", ["theme_dark"] },
        { """{"theme_preference":"dark","theme_mode":"sync"}""", ["theme_light", "theme_dark"] },
        { """{"theme_preference":"dark","theme_mode":"single","theme_light":"bad"}""", ["theme_light"] },
        { """{"theme_preference":"dark","theme_dark":"bad"}""", ["theme_dark"] },
        { """{"theme_preference":"dark","terminal_font":""}""", ["terminal_font"] },
        { """{"theme_preference":"dark","terminal_font":null}""", ["terminal_font"] },
        { """{"theme_preference":"dark","terminal_font":"foobar"}""", ["terminal_font"] },
        { """{"theme_preference":"dark","terminal_font":7}""", [] },
        { """{"theme_mode":"wizard","terminal_font":""}""", ["theme_preference", "theme_mode", "terminal_font"] },
        { "[]", [] },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task What_cannot_be_is_refused_by_the_field_and_nothing_is_written(string body, string[] fields)
    {
        using var client = api.As(await api.RegisterUserAsync());

        await (await PutAsync(client, Mine, body)).ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
        Assert.Equal("", (await (await client.GetAsync(Mine)).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("theme_preference").GetString());
    }

    /// <summary>Statuses of reading and writing a member's and an owner's settings, even with a bad body.</summary>
    [Theory]
    [InlineData("owner", 200, 400, 200, 400)]
    [InlineData("user-admin", 200, 400, 200, 403)]
    [InlineData("auditor", 404, 403, 404, 403)]
    [InlineData("template-admin", 404, 403, 404, 403)]
    [InlineData("member", 404, 404, 404, 404)]
    public async Task Others_settings_are_for_those_who_manage_people_and_do_not_stand_below_them(string role, int read, int write, int readOwner, int writeOwner)
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(await api.RegisterUserAsync(role));

        Assert.Equal(read, (int)(await client.GetAsync($"/api/v2/users/{user.Id}/appearance")).StatusCode);
        Assert.Equal(write, (int)(await PutAsync(client, $"/api/v2/users/{user.Id}/appearance", "{}")).StatusCode);
        Assert.Equal(readOwner, (int)(await client.GetAsync($"/api/v2/users/{api.Owner.Id}/appearance")).StatusCode);
        Assert.Equal(writeOwner, (int)(await PutAsync(client, $"/api/v2/users/{api.Owner.Id}/appearance", "{}")).StatusCode);
    }

    [Fact]
    public async Task A_deleted_user_has_none_and_gets_none()
    {
        var user = await api.RegisterUserAsync();
        await (await PutAsync(api.As(user), Mine, Sync)).ShouldBeAsync(HttpStatusCode.OK);
        using var owner = api.As(api.Owner);
        await owner.DeleteAsync($"/api/v2/users/{user.Id}");

        await (await owner.GetAsync($"/api/v2/users/{user.Id}/appearance")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await PutAsync(owner, $"/api/v2/users/{user.Id}/appearance", Sync)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await using var database = await api.OpenDatabaseAsync();
        await using var count = new NpgsqlCommand($"select count(*)::int from preferences.appearances where user_id = '{user.Id}'", database);
        Assert.Equal(0, await count.ExecuteScalarAsync());
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string path, string body) =>
        client.PutAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
}
