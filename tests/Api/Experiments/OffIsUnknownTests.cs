using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Experiments;

/// <summary>An experiment that is off is told from an unknown path by nothing.</summary>
[Collection(SharedApi.Name)]
public sealed class OffIsUnknownTests(ModularApi api)
{
    /// <summary>What differs between any two answers.</summary>
    private static readonly string[] ownToEachAnswer = ["Date", "X-Request-Id"];

    [Fact]
    public async Task Every_verb_spelling_and_presentation_answers_what_an_unknown_path_answers()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        string[] paths =
        [
            "/api/experimental/users/me/skills", "/api/experimental/users/owner/skills", $"/api/experimental/users/{owner.Id}/skills",
            "/api/experimental/users/nobody/skills", "/api/experimental/users/me/skills/", "/api/experimental/users/me/skills/tidy",
            "/API/Experimental/USERS/me/Skills", "/api/experimental/users/me/%73kills", "/api/experimental/users/me/skills/a/b/c",
            "/api/experimental/mcp", "/api/experimental/mcp/", "/API/experimental/%6Dcp", "/api/experimental/mcp/more",
            "/api/experimental/users/me/skills?format=catalog", "/api/experimental/users/me/skills/tidy/versions",
            "/api/experimental/users/me/skills/tidy/versions/1/restore",
        ];
        string[] verbs = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"];
        (string Name, Action<HttpRequestMessage> Present)[] presentations =
        [
            ("nothing", _ => { }),
            ("a bad key", request => request.Headers.Add("Coder-Session-Token", "bad")),
            ("an owner's key", request => request.Headers.Add("Coder-Session-Token", owner.Session)),
            ("a Bearer token", request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", owner.Session)),
            ("a cookie", request => request.Headers.Add("Cookie", $"coder_session_token={owner.Session}")),
        ];

        foreach (var verb in verbs)
        {
            foreach (var (name, present) in presentations)
            {
                var unknown = await AnswerAsync(server, verb, "/api/experimental/no/such/path", present);
                foreach (var path in paths)
                {
                    var answer = await AnswerAsync(server, verb, path, present);
                    Assert.True(unknown == answer, $"{verb} {path} with {name} answers\n{answer}\nwhere an unknown path answers\n{unknown}");
                }
            }
        }
    }

    [Fact]
    public async Task Twin_an_experiment_that_is_on_is_told_from_an_unknown_path()
    {
        await api.TurnAsync("user-skills", on: true);

        await (await api.Anonymous.GetAsync("/api/experimental/users/me/skills")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await (await api.Anonymous.GetAsync("/api/experimental/users/me/skillz")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_leaves_no_trace_in_the_public_description(bool on)
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = on ? "user-skills" : "" });

        var description = await server.Client().GetStringAsync("/openapi/v1.json");

        Assert.DoesNotContain("skill", description, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("/api/v2/users", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_scopes_are_unknown_while_it_is_off()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);

        Assert.DoesNotContain("user_skill", await client.GetStringAsync("/api/v2/auth/scopes"), StringComparison.Ordinal);
        await (await client.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { "user_skill:read" } }))
            .ShouldRefuseAsync(HttpStatusCode.BadRequest, "scopes");
        await (await client.PutAsJsonAsync("/api/v2/features/user-skills", new { enabled = true })).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Contains("user_skill:read", await client.GetStringAsync("/api/v2/auth/scopes"), StringComparison.Ordinal);
        await (await client.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { "user_skill:read" } }))
            .ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Its_bookkeeping_goes_on_while_it_is_off()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = "user-skills" });
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        var created = await client.PostAsJsonAsync("/api/v2/users", new { username = "svc", service_account = true, organization_ids = new[] { organization } });
        var user = (await created.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();

        await (await client.PutAsJsonAsync("/api/v2/features/user-skills", new { enabled = false })).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.DeleteAsync($"/api/v2/users/{user}")).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.PutAsJsonAsync("/api/v2/features/user-skills", new { enabled = true })).ShouldBeAsync(HttpStatusCode.OK);

        await (await client.PostAsJsonAsync($"/api/experimental/users/{user}/skills", new { content = "---\nname: late\n---\nDo it.\n" }))
            .ShouldRefuseAsync(HttpStatusCode.Conflict);
    }

    private static async Task<string> AnswerAsync(
        ModularApi.OtherServer server, string verb, string path, Action<HttpRequestMessage> present)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), server.Address + path[1..]);
        present(request);
        request.Headers.Add("Cookie", "csrf_token=known"); // Else every answer sets a new one.
        using var client = server.Client();
        using var answer = await client.SendAsync(request);
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .Where(header => !ownToEachAnswer.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}")
            .Order();
        return $"{(int)answer.StatusCode}\n{string.Join('\n', headers)}\n\n{await answer.Content.ReadAsStringAsync()}";
    }
}
