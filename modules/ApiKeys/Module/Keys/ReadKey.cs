using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Keys;

internal static class ReadKey
{
    internal sealed record Query(string KeyId) : IQuery<ApiKeyAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/keys/{keyid}", (Target target, string keyid, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(keyid), ct))
                .HandlerRequires(WithoutPermission.NotFound, ApiKeyPermissions.Read)
                .Describe(
                    nameof(ReadKey),
                    "Reads a key by its public id",
                    "The public id is what stands before the dash of a key. Nothing answers a secret a second time.")
                .Answers<ApiKeyAnswer>().Refuses(404);
    }

    internal sealed class Handler(ICurrentUser caller, ApiKeysDbContext db) : IRequestHandler<Query, Result<ApiKeyAnswer>>
    {
        public async Task<Result<ApiKeyAnswer>> Handle(Query request, CancellationToken cancellationToken) =>
            await db.Keys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == request.KeyId, cancellationToken) is { } key
            && caller.Required.May(ApiKeyPermissions.Read, owner: key.UserId)
                ? ApiKeyAnswer.Of(key)
                : Error.ResourceNotFound;
    }
}
