using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Modular.SharedKernel.Settings;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Preferences;

/// <summary>What operators say about settings, and what clients are told of it: additions.md 4.</summary>
[Collection(SecondApi.Name)]
public sealed class DefaultsAndLocksTests(ModularApi api)
{
    private const string Appearance = "/api/v2/users/me/appearance";
    private const string Preferences = "/api/v2/users/me/preferences";

    [Fact]
    public async Task A_default_shows_where_the_user_has_said_nothing()
    {
        await using var server = await ServerAsync(("Defaults:theme_mode", "sync"), ("Defaults:shell_tool_display_mode", "auto"), ("Defaults:task_notification_alert_dismissed", "true"));
        var user = await api.RegisterUserAsync();
        using var client = server.Client(user.Session);
        Assert.Equal("sync", (await client.ReadAsync(Appearance)).Text("theme_mode"));
        Assert.Equal(("auto", true), await ShellAndDismissedAsync(client));

        await PutAsync(client, Appearance, """{"theme_preference":"dark","theme_mode":"single"}""", HttpStatusCode.OK);
        await PutAsync(client, Preferences, """{"shell_tool_display_mode":"always_collapsed","task_notification_alert_dismissed":false}""", HttpStatusCode.OK);
        Assert.Equal("single", (await client.ReadAsync(Appearance)).Text("theme_mode"));
        Assert.Equal(("always_collapsed", false), await ShellAndDismissedAsync(client));
    }

    [Fact]
    public async Task A_lock_shows_whatever_is_stored_and_the_stored_value_returns_when_it_goes()
    {
        var user = await api.RegisterUserAsync();
        using var free = api.As(user);
        await PutAsync(free, Appearance, """{"theme_preference":"light","theme_mode":"sync","theme_light":"light","theme_dark":"dark"}""", HttpStatusCode.OK);
        await PutAsync(free, Preferences, """{"thinking_display_mode":"preview"}""", HttpStatusCode.OK);

        await using (var server = await ServerAsync(
            ("Locked:theme_preference", "dark"), ("Locked:theme_mode", "single"), ("Locked:thinking_display_mode", "auto"), ("Locked:task_notification_alert_dismissed", "true")))
        {
            using var client = server.Client(user.Session);
            var shown = await client.ReadAsync(Appearance);
            Assert.Equal(("dark", "single", "light"), (shown.Text("theme_preference"), shown.Text("theme_mode"), shown.Text("theme_light")));
            Assert.Equal("auto", (await client.ReadAsync(Preferences)).Text("thinking_display_mode"));

            // What would change a lock changes nothing at all; the locked value itself, and all the rest, is taken.
            await PutAsync(client, Preferences, """{"thinking_display_mode":"preview","shell_tool_display_mode":"auto"}""", HttpStatusCode.Conflict, "thinking_display_mode");
            await PutAsync(client, Preferences, """{"task_notification_alert_dismissed":false}""", HttpStatusCode.Conflict, "task_notification_alert_dismissed");
            await PutAsync(client, Appearance, """{"theme_preference":"light","terminal_font":"fira-code"}""", HttpStatusCode.Conflict, "theme_preference");
            await PutAsync(client, Appearance, """{"theme_preference":"dark","theme_mode":"sync","theme_light":"light","theme_dark":"dark"}""", HttpStatusCode.Conflict, "theme_mode");
            Assert.Equal("always_collapsed", (await client.ReadAsync(Preferences)).Text("shell_tool_display_mode"));
            await PutAsync(client, Preferences, """{"thinking_display_mode":"auto","shell_tool_display_mode":"auto"}""", HttpStatusCode.OK);
            await PutAsync(client, Appearance, """{"theme_preference":"dark","theme_mode":"single","theme_light":"light-tritan","terminal_font":"fira-code"}""", HttpStatusCode.OK);

            // A wrong value is wrong before it is locked.
            await PutAsync(client, Preferences, """{"thinking_display_mode":"bogus"}""", HttpStatusCode.BadRequest, "thinking_display_mode");
        }

        var after = await free.ReadAsync(Appearance);
        Assert.Equal(
            ("light", "sync", "light-tritan", "fira-code"),
            (after.Text("theme_preference"), after.Text("theme_mode"), after.Text("theme_light"), after.Text("terminal_font")));
        var preferences = await free.ReadAsync(Preferences);
        Assert.Equal(("preview", "auto"), (preferences.Text("thinking_display_mode"), preferences.Text("shell_tool_display_mode")));
    }

    [Fact]
    public async Task The_schema_tells_all_of_it()
    {
        await using var server = await ServerAsync(("Defaults:theme_mode", "sync"), ("Locked:task_notification_alert_dismissed", "true"));
        using var client = server.Client((await api.RegisterUserAsync()).Session);
        var fields = (await client.ReadAsync($"{Preferences}/schema")).GetProperty("fields").EnumerateArray().ToDictionary(field => field.Text("name"));
        Assert.Equal(
            (await client.ReadAsync(Appearance)).EnumerateObject().Concat((await client.ReadAsync(Preferences)).EnumerateObject()).Select(member => member.Name).Order(),
            fields.Keys.Order());
        Assert.Equal(
            """{"name":"theme_mode","group":"appearance","type":"string","allowed":["single","sync"],"default":"","operator_default":"sync","locked":false""",
            Json(fields["theme_mode"]));
        Assert.Equal(
            """{"name":"task_notification_alert_dismissed","group":"preferences","type":"boolean","default":false,"locked":true,"locked_value":true""",
            Json(fields["task_notification_alert_dismissed"]));
        Assert.Equal("""{"name":"theme_preference","group":"appearance","type":"string","default":"","locked":false""", Json(fields["theme_preference"]));
        Assert.All(fields.Values, field => Assert.NotEmpty(field.Text("description")));

        static string Json(JsonElement field) => field.GetRawText().Split(",\"description\"")[0];
    }

    [Theory]
    [InlineData("Defaults:theme_mode", "wizard")]
    [InlineData("Locked:task_notification_alert_dismissed", "yes")]
    [InlineData("Locked:thinking_display_mode", "Auto")]
    public void A_value_that_no_user_could_choose_stops_the_start(string key, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"Modular:Preferences:{key}", value)]).Build();
        var refused = Assert.Throws<SettingException>(() => Modular.Preferences.Domain.OperatorSettings.Read(new SettingsReader(configuration)));
        Assert.Contains($"Modular:Preferences:{key}", refused.Message, StringComparison.Ordinal);
    }

    private Task<ModularApi.OtherServer> ServerAsync(params (string Key, string Value)[] settings) =>
        api.StartAnotherAsync(settings.ToDictionary(setting => $"Modular:Preferences:{setting.Key}", setting => (string?)setting.Value), sameDatabase: true);

    private static async Task<(string, bool)> ShellAndDismissedAsync(HttpClient client)
    {
        var shown = await client.ReadAsync(Preferences);
        return (shown.Text("shell_tool_display_mode"), shown.GetProperty("task_notification_alert_dismissed").GetBoolean());
    }

    private static async Task PutAsync(HttpClient client, string path, string body, HttpStatusCode status, params string[] fields)
    {
        using var answer = await client.PutAsync(path, new StringContent(body));
        await answer.ShouldRefuseOrBeAsync(status, fields);
    }
}
