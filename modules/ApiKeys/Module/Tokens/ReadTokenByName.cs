using Microsoft.AspNetCore.Http.Features;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Keys;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Tokens;

internal static class ReadTokenByName
{
    internal sealed record Query(Target User, string Name) : IQuery<ApiKeyAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/keys/tokens/{keyname}", (Target target, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(target, NameIn(http)), ct))
                .RequiresToSee(ApiKeyPermissions.Read)
                .Describe(
                    nameof(ReadTokenByName),
                    "Reads a user's token by its name",
                    "The name is compared as it stands. Expired tokens are found; sessions have no name.")
                .Answers<ApiKeyAnswer>().Refuses(404);

        /// <summary>A name can have a slash, which the framework leaves escaped so that paths keep their parts.</summary>
        private static string NameIn(HttpContext http)
        {
            var path = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0].TrimEnd('/');
            return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
        }
    }

    internal sealed class Handler(ApiKeysDbContext db) : IRequestHandler<Query, Result<ApiKeyAnswer>>
    {
        public async Task<Result<ApiKeyAnswer>> Handle(Query request, CancellationToken cancellationToken) =>
            await db.Keys.AsNoTracking().SingleOrDefaultAsync(
                key => key.UserId == request.User.Id && key.LoginType == ApiKey.TokenLoginType && key.TokenName == request.Name,
                cancellationToken) is { } token
                ? ApiKeyAnswer.Of(token)
                : Error.ResourceNotFound;
    }
}
