using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Modular.SharedKernel.Security;
using Modular.Tests.Api.Permissions;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Edge;

/// <summary>What every route refuses by the same mechanism, tried on each of them: see DescribedAnswers for the form of the answers.</summary>
[Collection(SharedApi.Name)]
public sealed class RefusalsOfEveryRouteTests(ModularApi api)
{
    private readonly RouteRequests requests = new(api);

    public static TheoryData<string> RoutesWithABody =>
        [.. Routes.Names.Where(name => Routes.Of(name) is { ReadsBody: true } or { Name: "ReportContentSecurityViolation" })];

    public static TheoryData<string> RoutesOfOneMediaType =>
        [.. Routes.Names.Where(name => Routes.Of(name) is { ReadsBody: true, Name: not "ImportUsers" })];

    [Theory]
    [MemberData(nameof(RoutesWithABody))]
    public async Task A_body_that_is_too_long_is_not_even_read(string name)
    {
        using var request = await RequestAsync(name);
        request.Content = new Endless();
        request.Headers.ExpectContinue = true;
        using var refused = await api.As(api.Owner).SendAsync(request);
        await refused.ShouldRefuseAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [MemberData(nameof(RoutesOfOneMediaType))]
    public async Task A_form_is_no_JSON(string name)
    {
        using var request = await RequestAsync(name);
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("username", "jane")]);
        using var refused = await api.As(api.Owner).SendAsync(request);
        await refused.ShouldRefuseAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [MemberData(nameof(RoutesOfOneMediaType))]
    public async Task A_required_member_that_is_absent_is_named(string name)
    {
        var route = Routes.Of(name);
        foreach (var member in route.RequiredMembers)
        {
            using var request = await RequestAsync(name);
            var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync())!.AsObject();
            Assert.True(body.Remove(member), $"The example of {name} lacks {member}.");
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            await using var fresh = name == "CreateFirstUser" ? await api.StartAnotherAsync() : null;
            using var client = fresh?.Client() ?? api.As(api.Owner);
            using var refused = await client.SendAsync(request);
            await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest, member);
        }
    }

    [Fact]
    public async Task A_foreign_page_writes_nowhere()
    {
        foreach (var route in All().Where(route => route.Method != "GET" && route.Name is not ("CreateFirstUser" or "ReportContentSecurityViolation")))
        {
            using var request = await RequestAsync(route.Name);
            request.Headers.Add("Cookie", $"coder_session_token={api.Owner.Session}");
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            using var refused = await api.Anonymous.SendAsync(request);
            await refused.ShouldRefuseAsync(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Each_limited_route_counts_and_passes_nobody_over_who_is_no_owner()
    {
        await using var server = await api.StartAnotherAsync(
            new() { ["Modular:RateLimits:Api"] = "1", ["Modular:RateLimits:Login"] = "1", ["Modular:Experiments"] = "user-skills" });
        using var client = server.Client();
        foreach (var route in All().Where(route => route.Pattern.StartsWith("/api/", StringComparison.Ordinal)))
        {
            using var passing = Sketch(route);
            passing.Headers.Add("X-Coder-Bypass-Ratelimit", "true");
            using var refused = await client.SendAsync(passing);
            await refused.ShouldRefuseAsync(HttpStatusCode.PreconditionRequired);

            using var once = await client.SendAsync(Sketch(route));
            using var twice = await client.SendAsync(Sketch(route));
            await twice.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);
            Assert.NotNull(twice.Headers.RetryAfter);
        }
    }

    [Fact]
    public async Task While_the_database_is_away_each_says_so_or_does_not_need_it()
    {
        var postgres = await OwnPostgres.StartAsync();
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = "user-skills" }, on: postgres);
        using var client = server.Client(KeySecret.Draw().Text);
        await postgres.DisposeAsync();
        foreach (var route in All())
        {
            using var answer = await client.SendAsync(Sketch(route));
            var away = answer.StatusCode == HttpStatusCode.ServiceUnavailable;
            Assert.True(away != route.NeedsNoDatabase, $"{route.Name} answers {(int)answer.StatusCode}.");
        }
    }

    private static IEnumerable<Routes.Declared> All() => Routes.Names.Select(Routes.Of).Where(route => !route.Pattern.StartsWith("/openapi", StringComparison.Ordinal)
        && !route.Pattern.StartsWith("/docs", StringComparison.Ordinal));

    /// <summary>To what the owner may do it to.</summary>
    private async Task<HttpRequestMessage> RequestAsync(string name)
    {
        await api.TurnAsync("user-skills", on: true);
        var route = Routes.Of(name);
        var target = route.Name == "ConvertLogin" ? api.Owner : route.Parameters.Contains("user") ? await requests.TargetAsync(route) : null;
        return await requests.MakeAsync(route, target, missing: null);
    }

    /// <summary>To what is not there.</summary>
    private static HttpRequestMessage Sketch(Routes.Declared route)
    {
        var path = System.Text.RegularExpressions.Regex.Replace(route.Pattern, @"\{[^}]*\}", "00000000-0000-0000-0000-000000000001");
        var request = new HttpRequestMessage(new HttpMethod(route.Method), path);
        if (route.Example is { } example)
        {
            request.Content = new StringContent(example, Encoding.UTF8, route.MediaType);
        }

        return request;
    }

    /// <summary>Longer than any route takes, as its header says.</summary>
    private sealed class Endless : HttpContent
    {
        internal Endless() => Headers.ContentType = new("application/x-ndjson");

        protected override bool TryComputeLength(out long length)
        {
            length = 1L << 40;
            return true;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            throw new InvalidOperationException("The server asked for more.");
    }
}
