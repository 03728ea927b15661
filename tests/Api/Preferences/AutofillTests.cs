using System.Net;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Preferences;

/// <summary>Values that clients recorded for a template's parameters: keys-audit-preferences.md 10, additions.md 4.</summary>
[Collection(SecondApi.Name)]
public sealed class AutofillTests(ModularApi api)
{
    private const string Path = "/api/v2/users/me/autofill-parameters";
    private const string Template = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";

    [Fact]
    public async Task The_last_list_is_answered_by_name_for_its_template_alone()
    {
        using var client = api.As(await api.RegisterUserAsync());
        Assert.Equal("[]", (await client.ReadAsync($"{Path}?template_id={Template}")).GetRawText());
        await PutAsync(client, """[{"name":"old","value":"1"}]""", HttpStatusCode.NoContent);
        await PutAsync(client, """[{"name":"size","value":""},{"name":"Region","value":"eu"}]""", HttpStatusCode.NoContent);
        Assert.Equal(
            """[{"name":"Region","value":"eu"},{"name":"size","value":""}]""",
            (await client.ReadAsync($"{Path}?template_id={Template.ToUpperInvariant()}")).GetRawText());
        Assert.Equal("[]", (await client.ReadAsync($"{Path}?template_id=bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb")).GetRawText());
        await PutAsync(client, "[]", HttpStatusCode.NoContent);
        Assert.Equal("[]", (await client.ReadAsync($"{Path}?template_id={Template}")).GetRawText());
    }

    [Theory]
    [InlineData("", "template_id")]
    [InlineData("?template_id=", "template_id")]
    [InlineData("?template_id=nonsense", "template_id")]
    [InlineData($"?template_id={Template}&limit=1", "limit")]
    [InlineData("?other=1", "template_id", "other")]
    public async Task A_query_that_cannot_be_meant_is_refused_by_its_parameters(string query, params string[] fields)
    {
        using var refused = await api.As(await api.RegisterUserAsync()).GetAsync(Path + query);
        await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    public static TheoryData<string, string[]> Wrong => new()
    {
        { "{}", [] },
        { """["name"]""", [] },
        { """[{"name":1,"value":"x"}]""", [] },
        { """[{"name":"a\u0000b","value":"x"}]""", [] },
        { """[{"value":"x"}]""", ["name"] },
        { """[{"name":"","value":"x"}]""", ["name"] },
        { """[{"name":"a"}]""", ["value"] },
        { "[null]", ["name", "value"] },
        { """[{"name":"a","value":"x"},{"name":"a","value":"y"}]""", ["name"] },
        { """[{"name":"a","value":"x","sensitive":true}]""", ["value"] },
        { JsonSerializer.Serialize(new[] { new { name = new string('n', 257), value = "x" } }), ["name"] },
        { JsonSerializer.Serialize(new[] { new { name = "a", value = new string('v', 8193) } }), ["value"] },
        { JsonSerializer.Serialize(Enumerable.Range(0, 101).Select(i => new { name = $"n{i}", value = "x" })), ["name"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_list_with_something_wrong_is_not_kept(string body, string[] fields)
    {
        using var client = api.As(await api.RegisterUserAsync());
        await PutAsync(client, """[{"name":"kept","value":"1"}]""", HttpStatusCode.NoContent);
        await PutAsync(client, body, HttpStatusCode.BadRequest, fields);
        Assert.Equal("kept", Assert.Single((await client.ReadAsync($"{Path}?template_id={Template}")).EnumerateArray()).Text("name"));
    }

    [Fact]
    public async Task What_is_just_small_enough_is_kept()
    {
        using var client = api.As(await api.RegisterUserAsync());
        var entries = Enumerable.Range(0, 100).Select(i => new { name = $"{i:000}{new string('n', 253)}", value = new string('v', 8192), sensitive = false });
        await PutAsync(client, JsonSerializer.Serialize(entries), HttpStatusCode.NoContent);
        Assert.Equal(100, (await client.ReadAsync($"{Path}?template_id={Template}")).GetArrayLength());
    }

    [Fact]
    public async Task Of_so_many_templates_and_no_more()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Limits:AutofillTemplates"] = "2" }, sameDatabase: true);
        using var client = server.Client((await api.RegisterUserAsync()).Session);
        foreach (var (digit, status) in ((char, HttpStatusCode)[])[('1', HttpStatusCode.NoContent), ('2', HttpStatusCode.NoContent), ('3', HttpStatusCode.Conflict), ('2', HttpStatusCode.NoContent)])
        {
            using var answer = await client.PutAsync($"{Path}/{Template[..^1]}{digit}", new StringContent("""[{"name":"a","value":"x"}]"""));
            await answer.ShouldRefuseOrBeAsync(status);
        }
    }

    [Fact]
    public async Task A_template_is_named_by_a_UUID_and_others_values_are_nobodys()
    {
        var user = await api.RegisterUserAsync();
        using var wrong = await api.As(user).PutAsync($"{Path}/nonsense", new StringContent("[]"));
        await wrong.ShouldRefuseAsync(HttpStatusCode.BadRequest, "template_id");
        using var auditors = await api.As(await api.RegisterUserAsync("auditor")).GetAsync($"/api/v2/users/{user.Id}/autofill-parameters");
        await auditors.ShouldRefuseAsync(HttpStatusCode.NotFound);
        using var written = await api.As(await api.RegisterUserAsync("auditor")).PutAsync($"/api/v2/users/{user.Id}/autofill-parameters/nonsense", new StringContent("{"));
        await written.ShouldRefuseAsync(HttpStatusCode.Forbidden);
    }

    private static async Task PutAsync(HttpClient client, string body, HttpStatusCode status, params string[] fields)
    {
        using var answer = await client.PutAsync($"{Path}/{Template}", new StringContent(body));
        await answer.ShouldRefuseOrBeAsync(status, fields);
    }
}
