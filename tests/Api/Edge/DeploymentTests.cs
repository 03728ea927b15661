using System.Net;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Edge;

/// <summary>The settings in force, and reports of browsers: users-and-auth.md 25 and 28.</summary>
[Collection(SharedApi.Name)]
public sealed class DeploymentTests(ModularApi api)
{
    [Theory]
    [InlineData("owner", HttpStatusCode.OK)]
    [InlineData("auditor", HttpStatusCode.OK)]
    [InlineData("user-admin", HttpStatusCode.Forbidden)]
    [InlineData("member", HttpStatusCode.Forbidden)]
    public async Task The_settings_are_for_owners_and_auditors(string role, HttpStatusCode status)
    {
        using var answer = await api.As(await api.RegisterUserAsync(role)).GetAsync("/api/v2/deployment/config");
        await answer.ShouldBeAsync(status);
    }

    [Fact]
    public async Task Shows_every_setting_with_how_it_is_set_and_no_secret()
    {
        await using var server = await api.StartAnotherAsync(
            new()
            {
                ["Modular:Setup:Token"] = "do-not-show-this",
                ["Modular:Email:Smarthost"] = "127.0.0.1:1",
                ["Modular:Email:From"] = "modular@example.com",
                ["Modular:Email:Auth:Username"] = "modular",
                ["Modular:Email:Auth:Password"] = "do-not-show-this",
                ["Modular:Sessions:Duration"] = "90m",
            },
            sameDatabase: true);
        using var answer = await server.Client(api.Owner.Session).GetAsync("/api/v2/deployment/config");
        var body = await answer.ShouldBeAsync(HttpStatusCode.OK);
        var options = body.GetProperty("options").EnumerateArray().ToDictionary(option => option.Text("name"));

        Assert.Equal("90m", body.GetProperty("config").GetProperty("sessions").Text("duration"));
        Assert.Equal(
            ("Modular__Sessions__Duration", "--Modular:Sessions:Duration", "90m", "1.00:00:00"),
            (options["Sessions:Duration"].Text("env"), options["Sessions:Duration"].Text("flag"), options["Sessions:Duration"].Text("value"), options["Sessions:Duration"].Text("default")));
        Assert.True(options["Setup:Token"].GetProperty("secret").GetBoolean());
        Assert.All(["Setup:Token", "Email:Auth:Password"], secret => Assert.Equal("********", options[secret].Text("value")));
        Assert.DoesNotContain("do-not-show-this", body.ToString(), StringComparison.Ordinal);
        foreach (var name in (string[])["RateLimits:Api", "RateLimits:Login", "RateLimits:SkillWrites", "RateLimits:AccountFailures", "Cookies:SameSite", "Experiments", "Proxy:TrustedOrigins"])
        {
            Assert.Contains(name, options.Keys);
        }
    }

    [Theory]
    [InlineData("application/csp-report", """{"csp-report":{"violated-directive":"script-src"}}""")]
    [InlineData("text/plain", "nonsense")]
    [InlineData("application/json", "[1,2")]
    [InlineData("application/x-www-form-urlencoded", "a=b")]
    public async Task Any_report_of_a_browser_is_taken(string contentType, string body)
    {
        using var content = new StringContent(body);
        content.Headers.ContentType = new(contentType);
        using var answer = await api.Anonymous.PostAsync("/api/v2/csp/reports", content);
        Assert.Equal("ok", (await answer.ShouldBeAsync(HttpStatusCode.OK)).GetString());
    }

    [Theory]
    [InlineData(64 * 1024, HttpStatusCode.OK)]
    [InlineData((64 * 1024) + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_report_has_a_limit(int bytes, HttpStatusCode status)
    {
        using var answer = await api.Anonymous.PostAsync("/api/v2/csp/reports", new ByteArrayContent(new byte[bytes]));
        await answer.ShouldBeAsync(status);
    }
}
