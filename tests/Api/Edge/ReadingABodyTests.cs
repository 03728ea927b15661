using System.Net;
using System.Text;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Edge;

/// <summary>
/// How a JSON body is read: users-and-auth.md 1.1 and 2.7, keys-audit-preferences.md 1.1. Login shows it best: what is unreadable is
/// refused without fields, and an object without members with both of them.
/// </summary>
[Collection(SecondApi.Name)]
public sealed class ReadingABodyTests(ModularApi api)
{
    private static readonly string[] bothFields = ["email", "password"];

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("{'email':'a@b.de'}")]
    [InlineData("""{"email":"a@b.de",}""")]
    [InlineData("""{"email":"a@b.de"} // comment""")]
    [InlineData("""{"email":"a@b.de"}{}""")]
    [InlineData("""{"email":"a@b.de"} x""")]
    [InlineData("{}\0")]
    [InlineData("[]")]
    [InlineData("""[{"email":"a@b.de","password":"x"}]""")]
    [InlineData("\"text\"")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("NaN")]
    [InlineData("""{"email":1}""")]
    [InlineData("""{"email":true}""")]
    [InlineData("""{"email":{}}""")]
    [InlineData("""{"email":["a@b.de"]}""")]
    [InlineData("""{"email":"a@b.de","email":"a@b.de"}""")]
    [InlineData("""{"email":"a@b.de","EMAIL":"a@b.de"}""")]
    [InlineData("""{"email":"a@b.de","password":null,"password":null}""")]
    [InlineData("""{"email":"a\u0000@b.de"}""")]
    [InlineData("""{"password":"\u0000"}""")]
    [InlineData("""{"email":"\ud800"}""")]
    [InlineData("""{"email":"\udc00\ud800"}""")]
    [InlineData("""{"password":"x\ud83dx"}""")]
    [InlineData("{\"email\":\"a\nb\"}")]
    [InlineData("""{"email":"\x"}""")]
    [InlineData("""{"\ud800":1}""")]
    public async Task Is_unreadable(string body) => await RefusedWithoutFieldsAsync(Encoding.UTF8.GetBytes(body));

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0xAF })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xE2, 0x82 })]
    public async Task Text_that_is_not_utf8_is_unreadable(byte[] text) =>
        await RefusedWithoutFieldsAsync([.. """{"email":"a@b.de","password":" """u8, .. text, .. "\"}"u8]);

    [Theory]
    [InlineData("{}")]
    [InlineData(" \r\n\t{} \r\n\t")]
    [InlineData("null")]
    [InlineData("""{"email":null,"password":null}""")]
    [InlineData("""{"email":"","password":""}""")]
    [InlineData("""{"unknown":1,"unknown":2}""")]
    [InlineData("""{"unknown":{"email":"a@b.de"}}""")]
    [InlineData("""{"unknown":"\u0000"}""")]
    [InlineData("""{"unknown":"\ud800"}""")]
    [InlineData("""{"unknown":1e999}""")]
    public async Task Is_an_object_without_the_members_that_are_needed(string body)
    {
        using var answer = await PostAsync("/api/v2/users/login", Encoding.UTF8.GetBytes(body), "application/json");
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, bothFields);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("""{"a":""", "}")]
    public async Task May_nest_32_levels_and_no_more_even_in_unknown_members(string open, string close)
    {
        using var deep = await PostAsync("/api/v2/users/login", Nested(31), "application/json");
        await deep.ShouldRefuseAsync(HttpStatusCode.BadRequest, bothFields);
        await RefusedWithoutFieldsAsync(Nested(32));
        await RefusedWithoutFieldsAsync(Nested(100_000));

        byte[] Nested(int levels) => Encoding.UTF8.GetBytes(
            $"{{\"unknown\":{string.Concat(Enumerable.Repeat(open, levels))}1{string.Concat(Enumerable.Repeat(close, levels))}}}");
    }

    [Fact]
    public async Task Opening_brackets_without_end_are_refused_and_the_server_lives_on()
    {
        await RefusedWithoutFieldsAsync(Encoding.UTF8.GetBytes(new string('[', 1024 * 1024)));
        await (await api.Anonymous.GetAsync("/api/v2/buildinfo")).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("email", "EMail", "Email")]
    [InlineData("password", "PASSWORD", "passWord")]
    public async Task Members_are_known_in_any_case(params string[] spellings)
    {
        var other = spellings[0] == "email" ? "password" : "email";
        foreach (var spelling in spellings)
        {
            using var answer = await PostAsync("/api/v2/users/login", Encoding.UTF8.GetBytes($$"""{"{{spelling}}":"a@b.de"}"""), "application/json");
            await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, other);
        }
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    [InlineData("application/xml")]
    [InlineData("not a content type")]
    [InlineData(null)]
    public async Task Any_content_type_but_a_form_is_read_as_json(string? contentType)
    {
        using var answer = await PostAsync("/api/v2/users/login", "{}"u8.ToArray(), contentType);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, bothFields);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/x-www-form-urlencoded; charset=utf-8")]
    [InlineData("Application/X-WWW-Form-Urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/mixed; boundary=x")]
    public async Task Forms_and_multipart_bodies_are_415(string contentType)
    {
        using var answer = await PostAsync("/api/v2/users/login", "{}"u8.ToArray(), contentType);
        await answer.ShouldRefuseAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("identity, gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("nonsense", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("identity", HttpStatusCode.BadRequest)]
    [InlineData("Identity", HttpStatusCode.BadRequest)]
    public async Task Only_a_body_that_is_not_encoded_is_read(string encoding, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/login");
        request.Content = new ByteArrayContent("{}"u8.ToArray());
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var answer = await api.Anonymous.SendAsync(request);
        await answer.ShouldRefuseAsync(status, status == HttpStatusCode.BadRequest ? bothFields : []);
    }

    [Theory]
    [InlineData("/api/v2/users", """{"organization_ids":"x"}""")]
    [InlineData("/api/v2/users", """{"organization_ids":["x"]}""")]
    [InlineData("/api/v2/users", """{"organization_ids":[1]}""")]
    [InlineData("/api/v2/users", """{"organization_ids":[null]}""")]
    [InlineData("/api/v2/users", """{"organization_ids":["(00000000-0000-0000-0000-000000000000)"]}""")]
    [InlineData("/api/v2/users", """{"organization_id":""}""")]
    [InlineData("/api/v2/users", """{"roles":"owner"}""")]
    [InlineData("/api/v2/users", """{"roles":[1]}""")]
    [InlineData("/api/v2/users", """{"service_account":"true"}""")]
    [InlineData("/api/v2/users", """{"service_account":1}""")]
    [InlineData("/api/v2/users", """{"username":1}""")]
    [InlineData("/api/v2/users", """{"roles":["\u0000"]}""")]
    [InlineData("/api/v2/users", """{"user_status":[]}""")]
    [InlineData("/api/v2/users/first", """{"trial":"yes"}""")]
    [InlineData("/api/v2/users/first", """{"password":1}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"lifetime":"1"}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"lifetime":1.5}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"lifetime":9223372036854775808}""")]
    [InlineData("/api/v2/users/me/keys/tokens", """{"scopes":[1]}""")]
    public async Task A_wrong_type_is_unreadable(string path, string body)
    {
        using var answer = await api.As(api.Owner).PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("""{"organization_ids":null,"roles":null,"service_account":null,"name":null,"password":null,"user_status":null}""")]
    [InlineData("""{"organization_ids":["urn:uuid:00000000-0000-0000-0000-000000000000","00000000000000000000000000000000"]}""")]
    public async Task Null_is_absence_and_ids_come_in_four_spellings(string body)
    {
        using var answer = await api.As(api.Owner).PostAsync("/api/v2/users", new StringContent(body, Encoding.UTF8, "application/json"));
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email", "username");
    }

    private async Task RefusedWithoutFieldsAsync(byte[] body)
    {
        using var answer = await PostAsync("/api/v2/users/login", body, "application/json");
        var error = await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.False(error.TryGetProperty("validations", out _));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.NotEmpty(error.GetProperty("detail").GetString()!);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? contentType)
    {
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return await api.Anonymous.PostAsync(path, content);
    }
}
