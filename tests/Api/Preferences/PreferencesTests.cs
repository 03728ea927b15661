using System.Net;
using System.Text;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Preferences;

/// <summary>How the product behaves for a user: keys-audit-preferences.md 9.</summary>
[Collection(SecondApi.Name)]
public sealed class PreferencesTests(ModularApi api)
{
    private const string Mine = "/api/v2/users/me/preferences";

    private static readonly string[] fields =
        ["task_notification_alert_dismissed", "thinking_display_mode", "shell_tool_display_mode", "code_diff_display_mode", "agent_chat_send_shortcut"];

    /// <summary>Requests one after another, and what shows after the last.</summary>
    public static TheoryData<string[], string> Sequences => new()
    {
        { [], "False auto always_collapsed  enter" },
        { ["{}"], "False auto always_collapsed  enter" },
        { ["""{"task_notification_alert_dismissed":true}"""], "True auto always_collapsed  enter" },
        { ["""{"task_notification_alert_dismissed":true}""", """{"task_notification_alert_dismissed":false}"""], "False auto always_collapsed  enter" },
        { ["""{"thinking_display_mode":"preview"}""", """{"task_notification_alert_dismissed":true}"""], "True preview always_collapsed  enter" },
        {
            ["""{"agent_chat_send_shortcut":"modifier_enter","thinking_display_mode":"preview"}""", """{"thinking_display_mode":"always_expanded"}"""],
            "False always_expanded always_collapsed  modifier_enter"
        },
        {
            [
                """{"thinking_display_mode":"always_collapsed","shell_tool_display_mode":"auto","code_diff_display_mode":"always_expanded"}""",
                """{"shell_tool_display_mode":"always_expanded"}""",
            ],
            "False always_collapsed always_expanded always_expanded enter"
        },
        {
            [
                """{"task_notification_alert_dismissed":true,"thinking_display_mode":"preview","code_diff_display_mode":"auto"}""",
                """{"task_notification_alert_dismissed":null,"thinking_display_mode":"","code_diff_display_mode":null,"unknown":1}""",
            ],
            "True preview always_collapsed auto enter"
        },
    };

    [Theory]
    [MemberData(nameof(Sequences))]
    public async Task What_is_not_sent_stays(string[] requests, string shown)
    {
        using var client = api.As(await api.RegisterUserAsync());
        foreach (var request in requests)
        {
            using var saved = await PutAsync(client, request);
            var answered = await saved.ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(answered.ToString(), (await client.ReadAsync(Mine)).ToString());
        }

        var settings = await client.ReadAsync(Mine);
        Assert.Equal(shown, string.Join(' ', fields.Select(field => settings.GetProperty(field).ToString())));
    }

    [Theory]
    [InlineData("thinking_display_mode", "auto preview always_expanded always_collapsed")]
    [InlineData("shell_tool_display_mode", "auto always_expanded always_collapsed")]
    [InlineData("code_diff_display_mode", "auto always_expanded always_collapsed")]
    [InlineData("agent_chat_send_shortcut", "enter modifier_enter")]
    public async Task Every_value_of_a_field_is_taken_and_no_other(string field, string values)
    {
        using var client = api.As(await api.RegisterUserAsync());
        foreach (var value in values.Split(' '))
        {
            using var saved = await PutAsync(client, $"{{\"{field}\":\"{value}\"}}");
            Assert.Equal(value, (await saved.ShouldBeAsync(HttpStatusCode.OK)).Text(field));
        }

        foreach (var wrong in (string[])["bogus", "Auto", " auto", field == "thinking_display_mode" ? "ENTER" : "preview"])
        {
            using var refused = await PutAsync(client, $"{{\"task_notification_alert_dismissed\":true,\"{field}\":\"{wrong}\"}}");
            var body = await refused.ShouldBeAsync(HttpStatusCode.BadRequest);
            var validation = Assert.Single(body.GetProperty("validations").EnumerateArray());
            Assert.Equal(field, validation.Text("field"));
            Assert.Contains(values.Split(' ')[0], validation.Text("detail"), StringComparison.Ordinal);
        }

        Assert.False((await client.ReadAsync(Mine)).GetProperty("task_notification_alert_dismissed").GetBoolean());
    }

    [Fact]
    public async Task Of_several_wrong_fields_the_first_is_told()
    {
        using var client = api.As(await api.RegisterUserAsync());
        using var refused = await PutAsync(client, """{"agent_chat_send_shortcut":"x","code_diff_display_mode":"x","shell_tool_display_mode":"x"}""");
        await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest, "shell_tool_display_mode");
    }

    [Theory]
    [InlineData("self", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("owner", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("user-admin", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("auditor", HttpStatusCode.NotFound, HttpStatusCode.Forbidden)]
    [InlineData("member", HttpStatusCode.NotFound, HttpStatusCode.NotFound)]
    public async Task Who_may_read_and_change_them(string role, HttpStatusCode read, HttpStatusCode write)
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(role == "self" ? user : await api.RegisterUserAsync(role));
        foreach (var (path, body) in ((string, string)[])[("preferences", "{}"), ("appearance", """{"theme_preference":"dark"}""")])
        {
            using var shown = await client.GetAsync($"/api/v2/users/{user.Id}/{path}");
            await shown.ShouldBeAsync(read);
            using var schema = await client.GetAsync($"/api/v2/users/{user.Id}/preferences/schema");
            await schema.ShouldBeAsync(read);
            using var changed = await client.PutAsync($"/api/v2/users/{user.Id}/{path}", new StringContent(write == HttpStatusCode.OK ? body : "{ nonsense"));
            await changed.ShouldBeAsync(write);
        }
    }

    [Fact]
    public async Task Nobody_changes_those_of_people_with_more_rights()
    {
        using var client = api.As(await api.RegisterUserAsync("user-admin"));
        using var refused = await client.PutAsync($"/api/v2/users/{api.Owner.Id}/preferences", new StringContent("{}"));
        await refused.ShouldRefuseAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_stored_value_that_is_none_any_more_reads_as_the_default()
    {
        var user = await api.RegisterUserAsync();
        await (await PutAsync(api.As(user), """{"shell_tool_display_mode":"auto"}""")).ShouldBeAsync(HttpStatusCode.OK);
        await api.ExecuteAsync("update preferences.preferences set shell_tool_display_mode = 'sideways' where user_id = $1", user.Id);
        Assert.Equal("always_collapsed", (await api.As(user).ReadAsync(Mine)).Text("shell_tool_display_mode"));
    }

    [Theory]
    [InlineData("preferences", """{"thinking_display_mode":"preview"}""")]
    [InlineData("appearance", """{"theme_preference":"dark"}""")]
    public async Task They_have_a_tag_for_reading_and_for_writing(string path, string body)
    {
        using var client = api.As(await api.RegisterUserAsync());
        var old = await TagAsync();
        Assert.Equal(HttpStatusCode.NotModified, await SendAsync(HttpMethod.Get, "If-None-Match", old));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Put, "If-Match", old));
        Assert.NotEqual(old, await TagAsync());
        Assert.Equal(HttpStatusCode.PreconditionFailed, await SendAsync(HttpMethod.Put, "If-Match", old));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, "If-None-Match", old));

        async Task<string> TagAsync()
        {
            using var read = await client.GetAsync($"/api/v2/users/me/{path}");
            return read.Headers.ETag!.ToString();
        }

        async Task<HttpStatusCode> SendAsync(HttpMethod method, string header, string tag)
        {
            using var request = new HttpRequestMessage(method, $"/api/v2/users/me/{path}");
            request.Headers.TryAddWithoutValidation(header, tag);
            request.Content = method == HttpMethod.Put ? new StringContent(body) : null;
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string body) =>
        client.PutAsync(Mine, new StringContent(body, Encoding.UTF8, "application/json"));
}
