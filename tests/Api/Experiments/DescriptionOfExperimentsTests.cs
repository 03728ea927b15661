using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Experiments;

/// <summary>Operators read what is being tried at a place of its own; to everybody else, and while nothing is, that place is unknown.</summary>
[Collection(SharedApi.Name)]
public sealed class DescriptionOfExperimentsTests(ModularApi api)
{
    private const string Path = "/openapi/experimental.json";

    [Theory]
    [InlineData("owner", true)]
    [InlineData("auditor", true)]
    [InlineData("user-admin", false)]
    [InlineData("template-admin", false)]
    [InlineData("member", false)]
    [InlineData(null, false)]
    public async Task Operators_alone_find_it(string? role, bool finds)
    {
        await api.TurnAsync("user-skills", on: true);
        using var client = role is null ? api.Anonymous : api.As(await api.RegisterUserAsync(role));

        await (await client.GetAsync(Path)).ShouldBeAsync(finds ? HttpStatusCode.OK : HttpStatusCode.NotFound);
        foreach (var verb in new[] { "GET", "POST", "DELETE", "OPTIONS" }.Where(verb => !finds || verb != "GET"))
        {
            foreach (var spelling in finds ? [] : new[] { Path, "/OpenAPI/experimental.JSON", "/openapi/experiment%61l.json", Path + "/" })
            {
                Assert.Equal(await AnswerAsync(client, verb, "/openapi/nothing.json"), await AnswerAsync(client, verb, spelling));
            }
        }
    }

    [Fact]
    public async Task It_describes_what_is_on_completely_and_nothing_else()
    {
        await api.TurnAsync("user-skills", on: true);
        var document = await api.As(api.Owner).ReadAsync(Path);

        var paths = document.GetProperty("paths").EnumerateObject().ToArray();
        Assert.Contains("/api/experimental/users/{user}/skills/{skillName}", paths.Select(path => path.Name));
        Assert.All(paths, path => Assert.StartsWith("/api/experimental/", path.Name, StringComparison.Ordinal));
        Assert.All(paths.SelectMany(path => path.Value.EnumerateObject()), operation =>
        {
            Assert.NotEmpty(operation.Value.Text("summary"));
            Assert.NotEmpty(operation.Value.Text("description"));
            Assert.True(operation.Value.GetProperty("responses").TryGetProperty("401", out _));
        });
        Assert.NotEqual(JsonValueKind.Undefined, document.GetProperty("components").GetProperty("schemas").ValueKind);
    }

    [Fact]
    public async Task It_is_gone_while_nothing_is_on_and_a_key_that_may_not_read_it_finds_nothing()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        Assert.Equal(await AnswerAsync(client, "GET", "/openapi/nothing.json"), await AnswerAsync(client, "GET", Path));

        await (await client.PutAsJsonAsync("/api/v2/features/user-skills", new { enabled = true })).ShouldBeAsync(HttpStatusCode.OK);

        await client.ReadAsync(Path);
        using var made = await client.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { "user:read" } });
        using var narrow = server.Client((await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key"));
        Assert.Equal(await AnswerAsync(narrow, "GET", "/openapi/nothing.json"), await AnswerAsync(narrow, "GET", Path));
    }

    [Theory]
    [InlineData("/openapi/v1.json?documentName=experimental")]
    [InlineData("/openapi/v1.json?document=experimental")]
    [InlineData("/docs/index.html")]
    [InlineData("/docs/index.js")]
    [InlineData("/docs/index.html?documentName=experimental")]
    [InlineData("/docs/index.js?documentName=experimental")]
    public async Task No_public_page_can_be_made_to_tell_of_it(string path)
    {
        await api.TurnAsync("user-skills", on: true);
        Assert.DoesNotContain("skill", await api.Anonymous.GetStringAsync(path), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<(HttpStatusCode, string)> AnswerAsync(HttpClient client, string verb, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
