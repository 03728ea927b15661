using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Modules;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Experiments;

/// <summary>Operators see and switch experiments while the server runs.</summary>
[Collection(SharedApi.Name)]
public sealed class SwitchingAnExperimentTests(ModularApi api)
{
    private const string Feature = "/api/v2/features/user-skills";

    [Theory]
    [InlineData("owner", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("auditor", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("user-admin", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("template-admin", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("member", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task Owners_switch_and_auditors_look_on(string role, HttpStatusCode read, HttpStatusCode write)
    {
        using var client = api.As(await api.RegisterUserAsync(role));

        await (await client.GetAsync("/api/v2/features")).ShouldBeAsync(read);
        await (await client.GetAsync(Feature)).ShouldBeAsync(read);
        await (await client.PutAsJsonAsync(Feature, new { enabled = true })).ShouldBeAsync(write);
        await (await client.GetAsync("/api/v2/experiments")).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.GetAsync("/api/v2/experiments/available")).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_told()
    {
        foreach (var path in new[] { "/api/v2/features", Feature, "/api/v2/experiments", "/api/v2/experiments/available" })
        {
            await (await api.Anonymous.GetAsync(path)).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task A_state_that_has_not_changed_is_not_sent_again()
    {
        using var client = api.As(api.Owner);
        using var read = await client.GetAsync(Feature);
        client.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", read.Headers.ETag!.ToString());
        using var again = await client.GetAsync(Feature);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task An_experiment_that_has_ended_is_switched_no_more()
    {
        await using var server = await api.StartAnotherAsync(module: new EndedExperiment());
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var refused = await server.Client(owner.Session).PutAsJsonAsync("/api/v2/features/ended", new { enabled = true });
        await refused.ShouldRefuseAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_state_tells_where_it_comes_from_and_the_operators_word_wins()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = "*" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);

        var configured = await (await client.GetAsync(Feature)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(("configuration", true), (configured.GetProperty("source").GetString(), configured.GetProperty("enabled").GetBoolean()));
        Assert.Equal("[\"user-skills\"]", (await client.GetStringAsync("/api/v2/experiments")).Trim());

        var switched = await (await client.PutAsJsonAsync(Feature, new { enabled = false, reason = "too early" })).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(("operator", false), (switched.GetProperty("source").GetString(), switched.GetProperty("enabled").GetBoolean()));
        Assert.Equal(("too early", "owner"), (switched.GetProperty("reason").GetString(), switched.GetProperty("changed_by").GetProperty("username").GetString()));
        Assert.Equal("[]", (await client.GetStringAsync("/api/v2/experiments")).Trim());
        Assert.Equal("{\"safe\":[\"user-skills\"]}", (await client.GetStringAsync("/api/v2/experiments/available")).Trim());
        var log = await (await client.GetAsync("/api/v2/audit?q=resource_type:feature")).ShouldBeAsync(HttpStatusCode.OK);
        var entry = Assert.Single(log.GetProperty("audit_logs").EnumerateArray());
        Assert.Equal("too early", entry.GetProperty("additional_fields").GetProperty("reason").GetString());
        Assert.True(entry.GetProperty("diff").GetProperty("enabled").GetProperty("old").GetBoolean());
    }

    /// <summary>Configuration, what is on, and what clients are told can be switched on: keys-audit-preferences.md 12.</summary>
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("user-skills,limited", new[] { "limited", "user-skills" })]
    [InlineData("USER-Skills", new[] { "user-skills" })]
    [InlineData("*", new[] { "user-skills" })]
    [InlineData("*,limited", new[] { "limited", "user-skills" })]
    [InlineData("teleport", new string[0])]
    public async Task Configuration_names_experiments_or_all_that_are_safe(string configured, string[] on)
    {
        var hidden = new LimitedExperiment(TimeProvider.System.GetUtcNow().AddDays(1)) { IsSafe = false };
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = configured }, module: hidden);
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);

        Assert.Equal(on, await client.GetFromJsonAsync<string[]>("/api/v2/experiments"));
        Assert.Equal("""{"safe":["user-skills"]}""", (await client.GetStringAsync("/api/v2/experiments/available")).Trim());
    }

    [Fact]
    public async Task What_stays_as_it_is_is_audited_without_a_difference()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        for (var i = 0; i < 2; i++)
        {
            await (await client.PutAsJsonAsync(Feature, new { enabled = true, rollout = new { roles = new[] { "auditor" }, percentage = 12.5 } }))
                .ShouldBeAsync(HttpStatusCode.OK);
        }

        var entries = (await (await client.GetAsync("/api/v2/audit?q=resource_type:feature")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("audit_logs");
        Assert.Equal("{}", entries[0].GetProperty("diff").ToString());
        Assert.Equal("""{"roles":["auditor"],"percentage":12.5}""", entries[1].GetProperty("diff").GetProperty("rollout").GetProperty("new").GetString());
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(1, false)]
    public async Task An_experiment_that_is_on_past_its_declared_life_is_told_as_stale(int days, bool stale)
    {
        await using var server = await api.StartAnotherAsync(module: new LimitedExperiment(TimeProvider.System.GetUtcNow().AddDays(days)));
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        Assert.False((await (await client.GetAsync("/api/v2/features/limited")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("stale").GetBoolean());
        await (await client.PutAsJsonAsync("/api/v2/features/limited", new { enabled = true })).ShouldBeAsync(HttpStatusCode.OK);
        var listed = await (await client.GetAsync("/api/v2/features")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(stale, listed.EnumerateArray().Single(feature => feature.GetProperty("name").GetString() == "limited").GetProperty("stale").GetBoolean());
    }

    [Fact]
    public async Task Another_server_of_the_same_database_hears_of_it()
    {
        await api.TurnAsync("user-skills", on: false);
        await using var other = await api.StartAnotherAsync(sameDatabase: true);
        using var client = other.Client(api.Owner.Session);
        Assert.Equal("[]", (await client.GetStringAsync("/api/v2/experiments")).Trim());

        await api.TurnAsync("user-skills", on: true);

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await client.GetStringAsync("/api/v2/experiments", deadline.Token)).Trim() == "[]")
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Of_two_operators_with_the_same_state_before_them_one_is_told_that_it_is_stale()
    {
        using var owner = api.As(api.Owner);
        var etag = (await owner.GetAsync(Feature)).Headers.ETag!;

        using var first = await SwitchAsync(owner, etag.Tag);
        using var second = await SwitchAsync(owner, etag.Tag);

        await first.ShouldBeAsync(HttpStatusCode.OK);
        Assert.NotEqual(etag, first.Headers.ETag);
        await second.ShouldRefuseAsync(HttpStatusCode.PreconditionFailed);
        await (await SwitchAsync(owner, "*")).ShouldBeAsync(HttpStatusCode.OK);

        static Task<HttpResponseMessage> SwitchAsync(HttpClient client, string tag)
        {
            var request = new HttpRequestMessage(HttpMethod.Put, Feature) { Content = JsonContent.Create(new { enabled = true }) };
            request.Headers.TryAddWithoutValidation("If-Match", tag);
            return client.SendAsync(request);
        }
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "{}", "enabled" },
        { "{\"enabled\":null}", "enabled" },
        { $"{{\"enabled\":true,\"reason\":\"{new string('x', 501)}\"}}", "reason" },
        { "{\"enabled\":true,\"rollout\":{\"percentage\":101}}", "percentage" },
        { "{\"enabled\":true,\"rollout\":{\"percentage\":-1}}", "percentage" },
        { "{\"enabled\":true,\"rollout\":{\"roles\":[\"king\"]}}", "roles" },
        { "{\"enabled\":true,\"rollout\":{\"users\":[\"00000000-0000-0000-0000-000000000001\"]}}", "users" },
        { "{\"enabled\":true,\"rollout\":{\"from\":\"2026-02-01T00:00:00Z\",\"until\":\"2026-01-01T00:00:00Z\"}}", "until" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task What_cannot_be_is_refused_by_the_field(string body, string field)
    {
        using var owner = api.As(api.Owner);
        using var answer = await owner.PutAsync(Feature, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, field);
    }

    [Theory]
    [InlineData("""{"user":[]}""")]
    [InlineData("""{"from":"2026-01-01T00:00:00"}""")]
    [InlineData("""{"until":"2026-01-01"}""")]
    [InlineData("""{"until":1767225600}""")]
    public async Task A_rollout_that_cannot_be_read_is_refused(string rollout)
    {
        using var owner = api.As(api.Owner);
        using var answer = await owner.PutAsync(Feature, new StringContent($$"""{"enabled":true,"rollout":{{rollout}}}"""));
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(1_001, 1, HttpStatusCode.BadRequest)]
    [InlineData(1, 1_500, HttpStatusCode.OK)]
    public async Task A_rollout_names_at_most_a_thousand_users_however_often(int users, int times, HttpStatusCode status)
    {
        using var owner = api.As(api.Owner);
        var ids = Enumerable.Range(0, users).Select(n => n == 0 ? api.Owner.Id : Guid.CreateVersion7(TimeProvider.System.GetUtcNow())).ToArray();
        using var answer = await owner.PutAsJsonAsync(
            Feature, new { enabled = true, rollout = new { users = Enumerable.Repeat(ids, times).SelectMany(all => all) } });
        var body = await answer.ShouldBeAsync(status);
        Assert.Equal(status == HttpStatusCode.BadRequest, body.GetRawText().Contains("at most 1,000 users", StringComparison.Ordinal));
    }

    /// <summary>OWNER stands for the owner's id.</summary>
    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"users":[]}""", null)]
    [InlineData("""{"roles":["auditor"]}""", null)]
    [InlineData("""{"users":["OWNER"],"percentage":12.5,"from":"2026-01-01T00:00:00Z"}""", null)]
    [InlineData("""{"users":["OWNER","OWNER"],"roles":["owner","auditor","owner"]}""", """{"users":["OWNER"],"roles":["owner","auditor"]}""")]
    public async Task A_rollout_is_shown_as_it_was_stored_with_every_name_once(string sent, string? shown)
    {
        using var owner = api.As(api.Owner);
        var body = $$"""{"enabled":true,"rollout":{{sent}}}""".Replace("OWNER", api.Owner.Id.ToString(), StringComparison.Ordinal);
        using var switched = await owner.PutAsync(Feature, new StringContent(body));
        await switched.ShouldBeAsync(HttpStatusCode.OK);

        var feature = await owner.ReadAsync(Feature);
        Assert.Equal(shown ?? sent, feature.GetProperty("rollout").GetRawText().Replace(api.Owner.Id.ToString(), "OWNER", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_experiment_that_does_not_exist_is_not_found()
    {
        using var owner = api.As(api.Owner);

        await (await owner.GetAsync("/api/v2/features/teleport")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await owner.PutAsJsonAsync("/api/v2/features/teleport", new { enabled = true })).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_rollout_admits_named_users_roles_and_a_share_within_its_time()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        var member = await MemberAsync(server, client, organization);
        var now = TimeProvider.System.GetUtcNow();

        (object? Rollout, bool Owner, bool Member)[] cases =
        [
            (null, true, true),
            (new { users = new[] { member.Id }, percentage = 0 }, false, true),
            (new { roles = new[] { "owner" } }, true, false),
            (new { roles = new[] { "member" } }, true, true),
            (new { percentage = 100 }, true, true),
            (new { percentage = 0 }, false, false),
            (new { until = now.AddHours(1) }, true, true),
            (new { until = now.AddHours(-1) }, false, false),
            (new { from = now.AddHours(1) }, false, false),
            (new { users = new[] { member.Id }, from = now.AddHours(-1), until = now.AddHours(1) }, false, true),
            (new { users = new[] { member.Id }, until = now.AddHours(-1) }, false, false),
        ];
        foreach (var (rollout, forOwner, forMember) in cases)
        {
            await (await client.PutAsJsonAsync(Feature, new { enabled = true, rollout })).ShouldBeAsync(HttpStatusCode.OK);

            Assert.Equal(forOwner, await IsOnAsync(client));
            Assert.Equal(forMember, await IsOnAsync(server.Client(member.Session)));
            Assert.Equal(
                rollout is null ? HttpStatusCode.Unauthorized : HttpStatusCode.NotFound,
                (await server.Client().GetAsync("/api/experimental/users/me/skills")).StatusCode);
        }

        static async Task<bool> IsOnAsync(HttpClient caller)
        {
            var listed = (await caller.GetStringAsync("/api/v2/experiments")).Contains("user-skills", StringComparison.Ordinal);
            Assert.Equal(listed ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await caller.GetAsync("/api/experimental/users/me/skills")).StatusCode);
            return listed;
        }
    }

    private static async Task<ApiUser> MemberAsync(ModularApi.OtherServer server, HttpClient owner, Guid organization)
    {
        var created = await owner.PostAsJsonAsync("/api/v2/users", new
        {
            username = "bob",
            email = "bob@example.com",
            password = ModularApi.Password,
            organization_ids = new[] { organization },
        });
        var id = (await created.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        var login = await server.Client().PostAsJsonAsync("/api/v2/users/login", new { email = "bob@example.com", password = ModularApi.Password });
        return new ApiUser(id, "bob", (await login.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("session_token").GetString()!);
    }

    private sealed class LimitedExperiment(DateTimeOffset until) : IExperimentalModule
    {
        public string Name => "Limited";

        public string Schema => "limited";

        public string FeatureFlag => "limited";

        public string Title => "An experiment with an end";

        public string Description => "Is tried for a while.";

        public DateTimeOffset? DeclaredUntil => until;

        public bool IsSafe { get; init; } = true;

        public IReadOnlyList<string> RoutePatterns => [];

        public void AddServices(IServiceCollection services)
        {
        }
    }

    private sealed class EndedExperiment : IExperimentalModule
    {
        public string Name => "Ended";

        public string Schema => "ended";

        public string FeatureFlag => "ended";

        public string Title => "An experiment that has ended";

        public string Description => "Was tried.";

        public ExperimentStage Stage => ExperimentStage.Retired;

        public IReadOnlyList<string> RoutePatterns => [];

        public void AddServices(IServiceCollection services)
        {
        }
    }
}
