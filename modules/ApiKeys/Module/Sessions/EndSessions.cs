using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Sessions;

/// <summary>Ends a session of a user, or all but the one that asks.</summary>
internal static class EndSessions
{
    /// <param name="User">Whose.</param>
    /// <param name="KeyId">Which one; null for all but the caller's own.</param>
    internal sealed record Command(Target User, string? KeyId) : ICommand;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapDelete("/api/v2/users/{user}/sessions/{keyid}", (Target target, string keyid, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(target, keyid), ct))
                .HandlerRequires(ApiKeyPermissions.EndSession)
                .Describe(
                    "EndSession",
                    "Ends a session of a user",
                    "It is refused from then on. User-admins may end those of people who hold no rights that they do not.")
                .Answers().Refuses(403, 404);

            app.MapDelete("/api/v2/users/{user}/sessions", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(target, null), ct))
                .HandlerRequires(ApiKeyPermissions.EndSession)
                .Describe(
                    "EndAllSessions",
                    "Ends all sessions of a user but the one that asks",
                    "Tokens stay. User-admins may end those of people who hold no rights that they do not.")
                .Answers().Refuses(403, 404);
        }
    }

    internal sealed class Handler(
        ICurrentUser current, CallerCheck check, ApiKeysDbContext db, KeyChanges changes, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            var now = clock.GetUtcNow();
            await changes.BeginAsync(request.User.Id, cancellationToken);
            if (await db.Owners.AsNoTracking().SingleOrDefaultAsync(o => o.UserId == request.User.Id, cancellationToken) is not { Deleted: false } owner)
            {
                return Error.ResourceNotFound;
            }

            if (!caller.May(ApiKeyPermissions.EndSession, owner: owner.UserId))
            {
                return Refused(Error.NotAllowed);
            }

            if (check.UsesFormerSecret)
            {
                return Refused(ApiKeyErrors.FormerSecret);
            }

            if (owner.UserId != caller.UserId && RoleAssignment.Outranks(owner.Roles, caller.Roles))
            {
                return Refused(ApiKeyErrors.Outranked);
            }

            var live = db.LiveSessions(owner.UserId, now);
            var ending = await (request.KeyId is { } one ? live.Where(key => key.Id == one) : live.Where(key => key.Id != caller.KeyId))
                .ToListAsync(cancellationToken);
            if (request.KeyId is not null && ending.Count == 0)
            {
                return Error.ResourceNotFound;
            }

            ending.ForEach(key => key.Revoke(now));
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAllAsync(
                [.. ending.Select(key => new SessionEnded(
                    new AuditFacts(AuditAction.Delete, ApiKey.ResourceType, key.UserId, key.TokenName)
                    {
                        Diff = ApiKey.AuditShape.Diff(key, after: null),
                    },
                    now))],
                cancellationToken);
            return Unit.Value;

            Result<Unit> Refused(Error error) => Result<Unit>.Refused(
                error, new WriteRefused(new AuditFacts(AuditAction.Delete, ApiKey.ResourceType, request.User.Id, ""), now));
        }
    }

    internal sealed record SessionEnded(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
