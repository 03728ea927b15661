using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Sessions;

internal static class ListSessions
{
    internal sealed record Query(Target User) : IQuery<IReadOnlyList<SessionAnswer>>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/sessions", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(target), ct))
                .HandlerRequires(WithoutPermission.Less, ApiKeyPermissions.Read)
                .Describe(
                    nameof(ListSessions),
                    "Lists where a user is logged in",
                    "Newest first; tokens are not sessions. A user whose keys the caller may not read has none to show.")
                .Answers<IReadOnlyList<SessionAnswer>>().Refuses(404);
    }

    internal sealed class Handler(ICurrentUser current, ApiKeysDbContext db, TimeProvider clock)
        : IRequestHandler<Query, Result<IReadOnlyList<SessionAnswer>>>
    {
        public async Task<Result<IReadOnlyList<SessionAnswer>>> Handle(Query request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            if (!caller.May(ApiKeyPermissions.Read, owner: request.User.Id))
            {
                return Array.Empty<SessionAnswer>();
            }

            // As many as keys of a user at most.
            var live = await db.LiveSessions(request.User.Id, clock.GetUtcNow()).AsNoTracking()
                .OrderByDescending(key => key.CreatedAt).ThenBy(key => key.Id)
                .ToListAsync(cancellationToken);
            return live.ConvertAll(key => SessionAnswer.Of(key, caller.KeyId));
        }
    }
}
