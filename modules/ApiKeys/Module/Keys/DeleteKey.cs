using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Keys;

internal static class DeleteKey
{
    internal sealed record Command(string KeyId) : ICommand;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapDelete("/api/v2/users/{user}/keys/{keyid}", (Target target, string keyid, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(keyid), ct))
                .HandlerRequiresOnSeen(ApiKeyPermissions.Delete, toSee: ApiKeyPermissions.Read)
                .Describe(
                    nameof(DeleteKey),
                    "Deletes a session or a token; it is refused from then on",
                    "Of the caller or, with the right to, of another user. Requests that are under way finish.")
                .Answers().Refuses(403, 404);
    }

    internal sealed class Handler(KeyWriting writing, ApiKeysDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var found = await writing.LockAsync(request.KeyId, ApiKeyPermissions.Delete, AuditAction.Delete, cancellationToken);
            if (found.Error is not null)
            {
                return found.As<Unit>();
            }

            var (key, now) = (found.Value, clock.GetUtcNow());
            key.Revoke(now);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new KeyDeleted(
                    new AuditFacts(AuditAction.Delete, ApiKey.ResourceType, key.UserId, key.TokenName)
                    {
                        Diff = ApiKey.AuditShape.Diff(key, after: null),
                    },
                    now),
                cancellationToken);
            return Unit.Value;
        }
    }

    internal sealed record KeyDeleted(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
