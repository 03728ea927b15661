using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Keys;

/// <summary>Ends a key and keeps it to look at.</summary>
internal static class ExpireKey
{
    internal sealed record Command(string KeyId) : ICommand;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/keys/{keyid}/expire", (Target target, string keyid, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(keyid), ct))
                .HandlerRequiresOnSeen(ApiKeyPermissions.Update, toSee: ApiKeyPermissions.Read)
                .Describe(
                    nameof(ExpireKey),
                    "Ends a session or a token now, and keeps it to look at",
                    "What has expired already stays as it is, and the answer is the same.")
                .Answers().Refuses(403, 404);
    }

    internal sealed class Handler(KeyWriting writing, ApiKeysDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var found = await writing.LockAsync(request.KeyId, ApiKeyPermissions.Update, AuditAction.Write, cancellationToken);
            if (found.Error is not null)
            {
                return found.As<Unit>();
            }

            var (key, now) = (found.Value, clock.GetUtcNow());
            if (key.IsExpired(now))
            {
                return Unit.Value;
            }

            var before = db.Unchanged(key);
            key.Expire(now);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new KeyExpired(
                    new AuditFacts(AuditAction.Write, ApiKey.ResourceType, key.UserId, key.TokenName)
                    {
                        Diff = ApiKey.AuditShape.Diff(before, key),
                    },
                    now),
                cancellationToken);
            return Unit.Value;
        }
    }

    internal sealed record KeyExpired(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
