using System.Net;
using System.Text;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Edge;

/// <summary>Which refusal comes first where several are due: users-and-auth.md 1.3 and 6.</summary>
[Collection(SecondApi.Name)]
public sealed class TheOrderOfChecksTests(ModularApi api)
{
    [Fact]
    public async Task A_bad_key_is_no_matter_on_a_public_route()
    {
        foreach (var path in new[] { "/api/v2/buildinfo", "/api/v2/users/first", "/healthz" })
        {
            using var answer = await api.WithKey("nonsense").GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_unknown_path_does_not_ask_for_a_key() =>
        await (await api.WithKey("nonsense").GetAsync("/api/v2/nothing")).ShouldRefuseAsync(HttpStatusCode.NotFound);

    [Fact]
    public async Task A_wrong_method_does_not_ask_for_a_key() =>
        await (await api.WithKey("nonsense").PutAsync("/api/v2/users", null)).ShouldRefuseAsync(HttpStatusCode.MethodNotAllowed);

    [Fact]
    public async Task The_key_comes_before_the_user_and_the_user_before_the_body()
    {
        using var stranger = await PostAsync(api.Anonymous, "/api/v2/users/nobody/keys/tokens");
        await stranger.ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        using var unknown = await PostAsync(api.As(api.Owner), "/api/v2/users/nobody/keys/tokens");
        await unknown.ShouldRefuseAsync(HttpStatusCode.NotFound);
        var member = await api.RegisterUserAsync();
        using var unreadable = await PostAsync(api.As(member), $"/api/v2/users/{api.Owner.Id}/keys/tokens");
        await unreadable.ShouldRefuseAsync(HttpStatusCode.NotFound);
        using var own = await PostAsync(api.As(member), "/api/v2/users/me/keys/tokens");
        await own.ShouldRefuseAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_guard_against_forged_requests_stands_before_the_gate_of_an_experiment()
    {
        await using var other = await api.StartAnotherAsync(sameDatabase: false);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/experimental/users/me/skills");
        request.Headers.Add("Cookie", "coder_session_token=x");
        using var forged = await other.Client().SendAsync(request);
        await forged.ShouldRefuseAsync(HttpStatusCode.BadRequest);
        using var gated = await other.Client().GetAsync("/api/experimental/users/me/skills");
        await gated.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path) =>
        client.PostAsync(path, new StringContent("{bad", Encoding.UTF8, "application/json"));
}
