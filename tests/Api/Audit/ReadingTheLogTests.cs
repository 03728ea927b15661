using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Audit;

/// <summary>Who reads the log, how it is searched, and what an entry shows.</summary>
[Collection(SharedApi.Name)]
public sealed class ReadingTheLogTests(ModularApi api)
{
    [Theory]
    [InlineData("owner", true)]
    [InlineData("auditor", true)]
    [InlineData("user-admin", false)]
    [InlineData("template-admin", false)]
    [InlineData("member", false)]
    public async Task Who_may_not_read_it_sees_an_empty_log(string role, bool reads)
    {
        using var client = api.As(await api.RegisterAndLogInAsync(role));

        var log = await (await client.GetAsync("/api/v2/audit?limit=1")).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(reads ? 1 : 0, log.GetProperty("audit_logs").GetArrayLength());
        Assert.Equal(reads, log.GetProperty("count").GetInt32() > 0);
        Assert.Equal(2_000, log.GetProperty("count_cap").GetInt32());
    }

    [Fact]
    public async Task No_scope_covers_it()
    {
        using var scoped = api.WithKey(await api.MakeTokenAsync(api.Owner, new { scopes = new[] { "user:*", "api_key:*" } }));

        Assert.Empty((await LogAsync(scoped, "")).EnumerateArray());
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "q=invalid", "resource_type" },
        { "q=user+api_key", "resource_type" },
        { "q=resource_type:invalid", "resource_type" },
        { "q=action:invalid", "action" },
        { "q=resource_id:x", "resource_id" },
        { "q=request_id:x", "request_id" },
        { "q=date_from:yesterday", "date_from" },
        { "q=date_to:2026-13-01", "date_to" },
        { "q=build_reason:x", "build_reason" },
        { "q=organization:random-name", "organization" },
        { "q=foo:bar", "foo" },
        { "q=action:create+action:delete", "action" },
        { "q=user+resource_type:user", "resource_type" },
        { "q=:x", "q" },
        { "q=x:", "q" },
        { "q=a:b:c", "q" },
        { "q=" + new string('x', 1_025), "q" },
        { "limit=-1", "limit" },
        { "limit=x", "limit" },
        { "offset=-1", "offset" },
        { "after_id=x", "after_id" },
        { "after_id=00000000-0000-0000-0000-000000000001&offset=1", "after_id" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task What_cannot_be_searched_is_refused_by_the_key(string query, string field) =>
        await (await api.As(api.Owner).GetAsync($"/api/v2/audit?{query}")).ShouldRefuseAsync(HttpStatusCode.BadRequest, field);

    [Theory]
    [InlineData("q=user")]
    [InlineData("q=")]
    [InlineData("q=resource_type:workspace_agent")]
    [InlineData("q=action:connect")]
    [InlineData("q=build_reason:autostart")]
    [InlineData("q=date_to:9999-12-31")]
    [InlineData("q=date_from:0001-01-01")]
    [InlineData("q=organization:default")]
    [InlineData("q=organization:00000000-0000-0000-0000-000000000001")]
    [InlineData("q=username:nobody-of-that-name")]
    [InlineData("limit=0")]
    [InlineData("limit=100000")]
    public async Task What_can_be_searched_is_answered(string query) =>
        await (await api.As(api.Owner).GetAsync($"/api/v2/audit?{query}")).ShouldBeAsync(HttpStatusCode.OK);

    [Fact]
    public async Task Filters_find_exactly_the_entries_that_match_all_of_them()
    {
        var user = await api.RegisterAndLogInAsync();
        using var client = api.As(user);
        await api.MakeTokenAsync(user, new { token_name = "Laptop" });
        using var owner = api.As(api.Owner);

        Assert.Equal(["create"], await ActionsAsync(owner, $"username:{user.Username} resource_type:api_key action:create"));
        Assert.Equal(["create", "write", "login"], (await ActionsAsync(owner, $"username:{user.Username.ToUpperInvariant()}")).OrderBy(action => action.Length == 6 ? 0 : action == "write" ? 1 : 2));
        Assert.Equal(["create"], await ActionsAsync(owner, $"email:{user.Username}@EXAMPLE.com resource_target:laptop"));
        Assert.Equal(["create"], await ActionsAsync(owner, $"resource_id:{user.Id} action:create resource_type:user"));
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd");
        Assert.Equal(3, (await ActionsAsync(owner, $"username:{user.Username} date_from:{today} date_to:{today}")).Count());
        Assert.Empty(await ActionsAsync(owner, $"username:{user.Username} date_to:2026-01-01"));
        Assert.Contains("create", await ActionsAsync(owner, "username:me action:create resource_type:user"));
    }

    [Fact]
    public async Task An_entry_names_its_request()
    {
        var user = await api.RegisterAndLogInAsync();
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/users/me/keys/tokens") { Content = JsonContent.Create(new { }) };
        request.Headers.Add("X-Request-Id", id.ToString());
        request.Headers.Add("User-Agent", "tests/1.0");

        using var answer = await api.As(user).SendAsync(request);

        Assert.Equal(id.ToString(), answer.Headers.GetValues("X-Request-Id").Single());
        var entry = Assert.Single((await LogAsync(api.As(api.Owner), $"request_id:{id}")).EnumerateArray());
        Assert.Equal((id.ToString(), "127.0.0.1", "tests/1.0"), (Text(entry, "request_id"), Text(entry, "ip"), Text(entry, "user_agent")));
        Assert.Equal((201, "", "{user} created token {target}"), (entry.GetProperty("status_code").GetInt32(), Text(entry, "resource_icon"), Text(entry, "description")));
        Assert.Equal(user.Id.ToString(), Text(entry, "resource_id"));
    }

    [Fact]
    public async Task Who_acted_is_shown_as_now_also_when_deleted()
    {
        var admin = await api.RegisterAndLogInAsync("user-admin");
        var created = await api.As(admin).PostAsJsonAsync("/api/v2/users", new
        {
            username = $"x{admin.Username}",
            email = $"x{admin.Username}@example.com",
            password = ModularApi.Password,
            organization_ids = new[] { api.Organization },
        });
        var user = (await created.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        using var owner = api.As(api.Owner);
        var before = Assert.Single((await LogAsync(owner, $"resource_id:{user} action:create")).EnumerateArray());
        Assert.Equal((false, $"/users?filter=x{admin.Username}"), (before.GetProperty("is_deleted").GetBoolean(), Text(before, "resource_link")));

        await owner.DeleteAsync($"/api/v2/users/{admin.Id}");
        await owner.DeleteAsync($"/api/v2/users/{user}");

        var entry = Assert.Single((await LogAsync(owner, $"resource_id:{user} action:create")).EnumerateArray());
        var actor = entry.GetProperty("user");
        Assert.Equal((admin.Username, "[]", false), (Text(actor, "username"), actor.GetProperty("organization_ids").ToString(), actor.GetProperty("has_ai_seat").GetBoolean()));
        Assert.Equal((true, ""), (entry.GetProperty("is_deleted").GetBoolean(), Text(entry, "resource_link")));
        Assert.Empty(await ActionsAsync(owner, $"username:{admin.Username}"));
        Assert.NotEmpty(await ActionsAsync(owner, $"email:{admin.Username}@example.com"));
    }

    [Fact]
    public async Task Pages_by_cursor_and_by_offset_show_the_same_entries_newest_first()
    {
        var user = await api.RegisterAndLogInAsync();
        for (var n = 0; n < 5; n++)
        {
            await api.MakeTokenAsync(user);
        }

        using var owner = api.As(api.Owner);
        var q = $"username:{user.Username}";
        var all = (await LogAsync(owner, q)).EnumerateArray().Select(entry => Text(entry, "id")).ToArray();
        Assert.Equal(7, all.Length);
        var byOffset = new List<string>();
        var byCursor = new List<string>();
        for (var offset = 0; offset < 8; offset += 2)
        {
            byOffset.AddRange((await LogAsync(owner, q, $"&limit=2&offset={offset}")).EnumerateArray().Select(entry => Text(entry, "id")));
            byCursor.AddRange((await LogAsync(owner, q, $"&limit=2{(byCursor.Count == 0 ? "" : $"&after_id={byCursor[^1]}")}")).EnumerateArray().Select(entry => Text(entry, "id")));
        }

        Assert.Equal(all, byOffset);
        Assert.Equal(all, byCursor);
        var times = (await LogAsync(owner, q)).EnumerateArray().Select(entry => entry.GetProperty("time").GetDateTimeOffset()).ToArray();
        Assert.Equal(times.OrderDescending(), times);
        Assert.Empty((await LogAsync(owner, q, "&after_id=00000000-0000-0000-0000-000000000001")).EnumerateArray());
    }

    private static async Task<IEnumerable<string>> ActionsAsync(HttpClient client, string q) =>
        (await LogAsync(client, q)).EnumerateArray().Select(entry => Text(entry, "action"));

    private static async Task<JsonElement> LogAsync(HttpClient client, string q, string more = "") =>
        (await (await client.GetAsync($"/api/v2/audit?q={Uri.EscapeDataString(q)}{more}")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("audit_logs");

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;
}
