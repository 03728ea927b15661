using System.Net;
using System.Net.Http.Json;
using System.Text;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Edge;

/// <summary>What every answer has in common: users-and-auth.md 1.2, keys-audit-preferences.md 1.1.</summary>
[Collection(SecondApi.Name)]
public sealed class EveryAnswerTests(ModularApi api)
{
    public static TheoryData<string, string, HttpStatusCode> Answers => new()
    {
        { "GET", "/api/v2", HttpStatusCode.OK },
        { "GET", "/api/v2/buildinfo", HttpStatusCode.OK },
        { "GET", "/healthz", HttpStatusCode.OK },
        { "GET", "/openapi/v1.json", HttpStatusCode.OK },
        { "GET", "/docs/index.html", HttpStatusCode.OK },
        { "GET", "/api/v2/no-such-path", HttpStatusCode.NotFound },
        { "GET", "/no-such-path", HttpStatusCode.NotFound },
        { "GET", "/api/v2/users/me", HttpStatusCode.Unauthorized },
        { "POST", "/api/v2/buildinfo", HttpStatusCode.MethodNotAllowed },
        { "OPTIONS", "/api/v2/users", HttpStatusCode.MethodNotAllowed },
        { "HEAD", "/api/v2/buildinfo", HttpStatusCode.OK },
        { "POST", "/api/v2/users/login", HttpStatusCode.BadRequest },
    };

    [Theory, MemberData(nameof(Answers))]
    public async Task Tells_the_version_forbids_sniffing_and_varies_by_cookie(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await api.Anonymous.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Matches(@"\Av2\.34\.1\+modular\.\d", Assert.Single(answer.Headers.GetValues("X-Coder-Build-Version")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Contains("Cookie", answer.Headers.Vary);
        Assert.True(Guid.TryParseExact(Assert.Single(answer.Headers.GetValues("X-Request-Id")), "D", out _));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.NotEmpty(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.NotNull(answer.Headers.CacheControl);
    }

    [Theory]
    [InlineData("https://modular.example.com/below", true)]
    [InlineData("http://modular.example.com", false)]
    public async Task Browsers_are_told_to_come_by_https_alone_where_they_come_by_it(string accessUrl, bool isTold)
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:AccessUrl"] = accessUrl }, sameDatabase: true);
        foreach (var path in (string[])["/healthz", "/api/v2/users", "/docs", "/nothing"])
        {
            using var answer = await server.Client().GetAsync(path);
            Assert.Equal(isTold ? ["max-age=31536000"] : [], answer.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values : []);
        }
    }

    [Fact]
    public async Task The_page_of_the_api_has_nothing_inline_and_allows_nothing_inline()
    {
        using var answer = await api.Anonymous.GetAsync("/docs/index.html");
        Assert.DoesNotContain("unsafe", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotMatch("<style|style=|<script[^>]*>[^<]|onload=|javascript:", page);
        foreach (System.Text.RegularExpressions.Match file in System.Text.RegularExpressions.Regex.Matches(page, "(?:src|href)=\"([^\"]+)\""))
        {
            using var part = await api.Anonymous.GetAsync(new Uri(new Uri(api.Address, "/docs/"), file.Groups[1].Value));
            Assert.Equal(HttpStatusCode.OK, part.StatusCode);
        }
    }

    [Fact]
    public async Task A_csrf_refusal_has_them_too()
    {
        var session = (await api.RegisterUserAsync()).Session;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/logout");
        request.Headers.Add("Cookie", $"coder_session_token={session}");
        using var answer = await api.Anonymous.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty(answer.Headers.GetValues("X-Coder-Build-Version"));
        Assert.NotEmpty(answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Contains("Cookie", answer.Headers.Vary);
    }

    [Theory]
    [InlineData("GET", "/api/v2", HttpStatusCode.OK)]
    [InlineData("GET", "/api/v2/buildinfo", HttpStatusCode.OK)]
    [InlineData("GET", "/api/v2/auth/scopes", HttpStatusCode.OK)]
    [InlineData("GET", "/api/v2/users/first", HttpStatusCode.OK)]
    [InlineData("GET", "/api/v2/no-such-path", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v2/users/me", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/api/v2/buildinfo", HttpStatusCode.MethodNotAllowed)]
    [InlineData("OPTIONS", "/api/v2/users", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/api/v2/users/login", HttpStatusCode.BadRequest)]
    public async Task Of_the_api_is_one_json_value_and_a_newline(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await api.Anonymous.SendAsync(request);

        await answer.ShouldBeAsync(status);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal('\n', text[^1]);
        Assert.NotEqual('\n', text[^2]);
    }

    [Fact]
    public async Task Of_a_listing_and_of_a_stream_ends_with_a_newline_too()
    {
        var user = await api.RegisterUserAsync();
        foreach (var path in new[] { "/api/v2/users", "/api/v2/users/me/keys/tokens", "/api/v2/users/me" })
        {
            using var answer = await api.As(user).GetAsync(path);
            Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
            Assert.Matches(@"[\]}]\n\z", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Escapes_what_html_would_read_as_markup()
    {
        var request = api.Request();
        request["name"] = "<b>Jane & Joe</b>";
        using var created = await api.As(api.Owner).PostAsJsonAsync("/api/v2/users", request);

        var user = await created.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("<b>Jane & Joe</b>", user.GetProperty("name").GetString());
        var text = await created.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<", text, StringComparison.Ordinal);
        Assert.DoesNotContain(">", text, StringComparison.Ordinal);
        Assert.DoesNotContain("&", text, StringComparison.Ordinal);
        Assert.Contains("\\u003c", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_content_has_no_body_at_all()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        using var answer = await api.As(user).DeleteAsync($"/api/v2/users/me/keys/{token[..10]}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        Assert.Null(answer.Content.Headers.ContentType);
    }

    [Fact]
    public async Task Repeats_the_request_id_that_the_client_chose()
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/buildinfo");
        request.Headers.Add("X-Request-Id", id.ToString());
        using var answer = await api.Anonymous.SendAsync(request);

        Assert.Equal(id.ToString(), Assert.Single(answer.Headers.GetValues("X-Request-Id")));
    }

    [Theory]
    [InlineData("POST", "/api/v2/users/login", "nonsense")]
    [InlineData("POST", "/api/v2/users/login", "{}")]
    [InlineData("GET", "/api/v2/users/me", null)]
    [InlineData("GET", "/api/v2/nothing", null)]
    [InlineData("PUT", "/api/v2/users", null)]
    public async Task That_refuses_has_the_members_of_the_error_body_and_no_others(string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await api.Anonymous.SendAsync(request);

        var error = await answer.ShouldBeAsync(answer.StatusCode);
        Assert.True((int)answer.StatusCode >= 400);
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Empty(error.EnumerateObject().Select(member => member.Name).Except(["message", "detail", "validations"]));
        Assert.DoesNotContain(error.EnumerateObject(), member => member.Value.ToString() is "" or "[]");
        if (error.TryGetProperty("validations", out var validations))
        {
            Assert.All(validations.EnumerateArray(), validation => Assert.Equal(
                ["detail", "field"], validation.EnumerateObject().Select(member => member.Name).Order()));
        }
    }
}
