using Modular.ApiKeys.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Tokens;

internal static class ListScopes
{
    [AnswerExample("""{"external":["api_key:read","coder:all","user:read"]}""")]
    internal sealed record Response(IReadOnlyList<string> External);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/auth/scopes", async (ScopeCatalog catalog, IExperiments experiments) =>
                    Json(new Response(await catalog.RequestableAsync(experiments))))
                .AllowsAnonymous()
                .Describe(
                    nameof(ListScopes),
                    "Lists the scopes that a token can have",
                    "Those of the catalog that tokens may be given, in the form resource:action, besides the composite ones.")
                .Answers<Response>();
    }
}
