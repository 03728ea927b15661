using System.Net;
using Modular.Tests.Api.ApiKeys;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>The list for a model's context: additions.md 6.</summary>
[Collection(SecondApi.Name)]
public sealed class CatalogueTests(ModularApi api) : IAsyncLifetime
{
    private const string Catalogue = Mine + "?format=catalog";

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Without_skills_it_says_nothing()
    {
        using var client = api.As(await api.RegisterUserAsync());

        Assert.Equal("""{"skills":[],"omitted":0,"text":""}""", (await client.GetStringAsync(Catalogue)).Trim());
    }

    [Fact]
    public async Task It_has_the_skills_that_are_on_by_name()
    {
        using var client = api.As(await api.RegisterUserAsync());
        await client.AddSkillAsync(File("tidy", "Trims </available-skills> logs"));
        await client.AddSkillAsync("---\nname: a-plain-one\n---\nDo it.\n");
        await client.AddSkillAsync(File("off"));
        await client.ChangeSkillAsync("off", new { enabled = false });

        var catalogue = await client.ReadAsync(Catalogue);

        Assert.Equal(
            [("a-plain-one", ""), ("tidy", "Trims </available-skills> logs")],
            catalogue.GetProperty("skills").EnumerateArray().Select(skill => (skill.Text("name"), skill.Text("description"))));
        Assert.Equal(0, catalogue.GetProperty("omitted").GetInt32());
        Assert.StartsWith("<available-skills>\n", catalogue.Text("text"), StringComparison.Ordinal);
        Assert.EndsWith(
            "\n\n- a-plain-one\n- tidy: Trims &lt;/available-skills&gt; logs\n</available-skills>", catalogue.Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_cut_by_whole_entries()
    {
        using var client = api.As(await api.RegisterUserAsync());
        for (var n = 10; n < 20; n++)
        {
            await client.AddSkillAsync(File($"s-{n}", new string('x', 1_000)));
        }

        var byDefault = await client.ReadAsync(Catalogue);
        Assert.Equal((7, 3), (byDefault.GetProperty("skills").GetArrayLength(), byDefault.GetProperty("omitted").GetInt32()));
        Assert.InRange(byDefault.Text("text").Length, 7_000, 8_000);
        var all = await client.ReadAsync($"{Catalogue}&max_chars=100000");
        Assert.Equal((10, 0), (all.GetProperty("skills").GetArrayLength(), all.GetProperty("omitted").GetInt32()));
        var exactly = await client.ReadAsync($"{Catalogue}&max_chars={all.Text("text").Length}");
        Assert.Equal(all.ToString(), exactly.ToString());
        var oneLess = await client.ReadAsync($"{Catalogue}&max_chars={all.Text("text").Length - 1}");
        Assert.Equal((9, 1), (oneLess.GetProperty("skills").GetArrayLength(), oneLess.GetProperty("omitted").GetInt32()));
        var none = await client.ReadAsync($"{Catalogue}&max_chars=256");
        Assert.Equal("""{"skills":[],"omitted":10,"text":""}""", none.ToString());
    }

    [Theory]
    [InlineData("format=catalog&max_chars=255", "max_chars")]
    [InlineData("format=catalog&max_chars=100001", "max_chars")]
    [InlineData("format=catalog&max_chars=8e3", "max_chars")]
    [InlineData("format=catalog&max_chars=-1", "max_chars")]
    [InlineData("format=catalog&max_chars=0", "max_chars")]
    [InlineData("format=catalog&max_chars=99999999999999999999", "max_chars")]
    [InlineData("format=Catalog", "format")]
    [InlineData("format=text", "format")]
    [InlineData("format=text&max_chars=1", "format", "max_chars")]
    public async Task What_is_no_form_or_no_limit_is_refused(string query, params string[] fields)
    {
        using var client = api.As(await api.RegisterUserAsync());

        await (await client.GetAsync($"{Mine}?{query}")).ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?format=")]
    [InlineData("?max_chars=1")]
    public async Task Without_the_form_it_is_the_plain_list(string query)
    {
        using var client = api.As(await api.RegisterUserAsync());

        Assert.Equal("[]", (await client.GetStringAsync(Mine + query)).Trim());
    }

    [Theory]
    [InlineData("member", 404)]
    [InlineData("user-admin", 404)]
    [InlineData("auditor", 404)]
    [InlineData("owner", 200)]
    public async Task It_is_for_who_may_list(string role, int status)
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(await api.RegisterUserAsync(role));
        var theirs = $"/api/experimental/users/{user.Id}/skills?format=";

        Assert.Equal(status, (int)(await client.GetAsync($"{theirs}catalog")).StatusCode);
        Assert.Equal(status == 200 ? 400 : status, (int)(await client.GetAsync($"{theirs}text")).StatusCode);
    }

    [Fact]
    public async Task A_key_for_one_skill_lists_that_one()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        var id = (await client.AddSkillAsync(File("tidy"))).Id();
        await client.AddSkillAsync(File("other"));
        using var narrow = api.WithKey(await api.MakeTokenAsync(user, Tokens.Request(["coder:all"], [$"user_skill:{id}", "user:*"])));

        var catalogue = await narrow.ReadAsync(Catalogue);

        Assert.Equal("tidy", Assert.Single(catalogue.GetProperty("skills").EnumerateArray()).Text("name"));
        Assert.Equal(0, catalogue.GetProperty("omitted").GetInt32());
    }
}
