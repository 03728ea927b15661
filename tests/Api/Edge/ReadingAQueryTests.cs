using System.Net;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Edge;

/// <summary>Integers and text in query strings: keys-audit-preferences.md 1.1, users-and-auth.md 1.1.</summary>
[Collection(SecondApi.Name)]
public sealed class ReadingAQueryTests(ModularApi api)
{
    private static readonly string[] lists = ["/api/v2/users", "/api/v2/audit"];

    [Theory]
    [InlineData("limit=%2B1")]
    [InlineData("limit=-0")]
    [InlineData("limit=007")]
    [InlineData("limit=2147483647")]
    [InlineData("limit=")]
    [InlineData("limit")]
    [InlineData("limit=1&limit=x")]
    [InlineData("offset=0&offset=-1")]
    [InlineData("after_id=")]
    [InlineData("unknown=%00")]
    public async Task Is_a_number_as_existing_clients_know_it(string query)
    {
        foreach (var list in lists)
        {
            using var answer = await api.As(api.Owner).GetAsync($"{list}?{query}");
            await answer.ShouldBeAsync(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("limit", "-1")]
    [InlineData("limit", "x")]
    [InlineData("limit", "1e3")]
    [InlineData("limit", "%201")]
    [InlineData("limit", "1%20")]
    [InlineData("limit", "+1")]
    [InlineData("limit", "1_000")]
    [InlineData("limit", "1.0")]
    [InlineData("limit", "0x10")]
    [InlineData("limit", "2147483648")]
    [InlineData("limit", "99999999999999999999")]
    [InlineData("limit", "1%00")]
    [InlineData("limit", "%EF%BC%91")]
    [InlineData("limit", "%FF")]
    [InlineData("limit", "x&limit=1")]
    [InlineData("offset", "-1")]
    [InlineData("offset", "x")]
    [InlineData("offset", "2147483648")]
    [InlineData("after_id", "x")]
    [InlineData("after_id", "%7B00000000-0000-0000-0000-000000000000")]
    [InlineData("q", "%00")]
    [InlineData("q", "%FF")]
    [InlineData("q", "a%C0%AFb")]
    [InlineData("q", "%ED%A0%80")]
    public async Task Is_refused_with_its_name_otherwise(string parameter, string value)
    {
        foreach (var list in lists)
        {
            using var answer = await api.As(api.Owner).GetAsync($"{list}?{parameter}={value}");
            await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, parameter);
        }
    }

    [Theory]
    [InlineData("/api/v2/users")]
    [InlineData("/api/v2/audit")]
    public async Task Takes_a_q_of_1024_characters_and_no_longer_one(string list)
    {
        var word = list == "/api/v2/audit" ? "resource_target:" : "name:";
        using var longest = await api.As(api.Owner).GetAsync($"{list}?q={word}{new string('x', 1024 - word.Length)}");
        await longest.ShouldBeAsync(HttpStatusCode.OK);
        using var tooLong = await api.As(api.Owner).GetAsync($"{list}?q={word}{new string('x', 1025 - word.Length)}");
        await tooLong.ShouldRefuseAsync(HttpStatusCode.BadRequest, "q");
    }
}
