using System.Net;
using System.Text;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Edge;

/// <summary>What the framework refuses is refused in our form: users-and-auth.md 1.1, keys-audit-preferences.md 1.1 and 1.2.</summary>
[Collection(SecondApi.Name)]
public sealed class UnknownPathsAndMethodsTests(ModularApi api)
{
    [Theory]
    [InlineData("GET", "/api/v2/nothing")]
    [InlineData("GET", "/api/v3/users")]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/api/v2/users/me/nothing")]
    [InlineData("GET", "/api/experimental/nothing")]
    [InlineData("POST", "/api/v2/nothing")]
    [InlineData("DELETE", "/api/v2/nothing")]
    [InlineData("OPTIONS", "/api/v2/nothing")]
    [InlineData("BREW", "/api/v2/nothing")]
    [InlineData("GET", "/api/v2//users")]
    public async Task An_unknown_path_has_one_constant_body_for_everybody(string method, string path)
    {
        var expected = await BodyAsync(api.Anonymous, "GET", "/api/v2/some-other-unknown-path");
        Assert.Equal(expected, await BodyAsync(api.Anonymous, method, path));
        Assert.Equal(expected, await BodyAsync(api.As(api.Owner), method, path));

        static async Task<string> BodyAsync(HttpClient client, string method, string path)
        {
            using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            await answer.ShouldRefuseAsync(HttpStatusCode.NotFound);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task A_missing_and_an_unreadable_resource_have_one_constant_body_with_a_message_only()
    {
        var other = await api.RegisterUserAsync();
        var member = api.As(await api.RegisterUserAsync());
        var bodies = new HashSet<string>();
        foreach (var path in new[]
        {
            "/api/v2/users/nobody-of-this-name",
            $"/api/v2/users/{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}",
            $"/api/v2/users/{other.Id}",
            $"/api/v2/users/{other.Username}",
            "/api/v2/users/me/keys/0123456789",
        })
        {
            using var answer = await member.GetAsync(path);
            var error = await answer.ShouldBeAsync(HttpStatusCode.NotFound);
            Assert.Equal("message", Assert.Single(error.EnumerateObject()).Name);
            bodies.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(bodies);
        using var unknownPath = await member.GetAsync("/api/v2/nothing");
        Assert.DoesNotContain(await unknownPath.Content.ReadAsStringAsync(), bodies);
    }

    [Theory]
    [InlineData("PUT", "/api/v2/users", "GET", "POST")]
    [InlineData("DELETE", "/api/v2/users", "GET", "POST")]
    [InlineData("PATCH", "/api/v2/users/me", "DELETE", "GET")]
    [InlineData("POST", "/api/v2/buildinfo", "GET")]
    [InlineData("OPTIONS", "/api/v2/users", "GET", "POST")]
    [InlineData("OPTIONS", "/api/v2/buildinfo", "GET")]
    [InlineData("TRACE", "/api/v2/buildinfo", "GET")]
    [InlineData("BREW", "/api/v2/buildinfo", "GET")]
    [InlineData("POST", "/api/v2/audit", "GET")]
    public async Task A_wrong_method_is_405_with_the_methods_that_are_right(string method, string path, params string[] allowed)
    {
        using var answer = await api.Anonymous.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        await answer.ShouldRefuseAsync(HttpStatusCode.MethodNotAllowed);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(allowed, answer.Content.Headers.Allow.Order());
    }

    [Theory]
    [InlineData("GET", "login")]
    [InlineData("GET", "logout")]
    [InlineData("DELETE", "login")]
    public async Task A_fixed_name_without_the_method_is_no_user(string method, string name)
    {
        using var answer = await api.As(api.Owner).SendAsync(new HttpRequestMessage(new HttpMethod(method), $"/api/v2/users/{name}"));
        await answer.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/api/v2/users", true)]
    [InlineData("/api/v2/users/me", true)]
    [InlineData("/api/v2/buildinfo", false)]
    [InlineData("/api/v2/nothing", false)]
    [InlineData("/api/v2/users/logout/first", false)]
    public async Task HEAD_answers_as_GET_without_the_body(string path, bool signedIn)
    {
        var client = signedIn ? api.As(await api.RegisterUserAsync()) : api.Anonymous;
        using var get = await client.GetAsync(path);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task HEAD_sends_no_byte_of_a_body_on_the_wire()
    {
        var answer = await RawHttp.ExchangeAsync(
            api.Address, "HEAD /api/v2/nothing HTTP/1.1\r\nHost: modular\r\nConnection: close\r\n\r\n");
        Assert.Equal((404, ""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("/API/V2/Users/me")]
    [InlineData("/api/v2/users/me/")]
    public async Task Paths_are_compared_ignoring_case_and_a_final_slash(string path)
    {
        var user = await api.RegisterUserAsync();
        using var answer = await api.As(user).GetAsync(path);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_broken_rule_names_every_failing_field_by_its_json_name()
    {
        using var answer = await api.As(api.Owner).PostAsync(
            "/api/v2/users",
            new StringContent("""{"email":"x","username":"-","name":" x"}""", Encoding.UTF8, "application/json"));
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email", "username", "name");
    }

    [Fact]
    public async Task Bad_query_parameters_are_told_all_at_once()
    {
        using var answer = await api.As(api.Owner).GetAsync("/api/v2/users?limit=-1&offset=x&after_id=1&q=foo:bar%20status:x");
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "limit", "offset", "after_id", "foo", "status");
    }
}
