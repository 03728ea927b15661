using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;

namespace Modular.ApiKeys.Authentication;

/// <summary>A secret that was replaced is still in use: the log says so, at most once an hour and key.</summary>
internal static class RecordFormerSecret
{
    private static readonly TimeSpan interval = TimeSpan.FromHours(1);

    internal sealed record Command(string KeyId) : ICommand;

    internal sealed class Handler(ApiKeysDbContext db, IIntegrationEvents events, TimeProvider clock) : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var untold = db.Keys.Where(key => key.Id == request.KeyId && (key.FormerUseToldAt == null || key.FormerUseToldAt < now - interval));
            if (await untold.ExecuteUpdateAsync(set => set.SetProperty(key => key.FormerUseToldAt, now), cancellationToken) == 0)
            {
                return Unit.Value;
            }

            var key = await db.Keys.AsNoTracking().SingleAsync(key => key.Id == request.KeyId, cancellationToken);
            await events.PublishAsync(
                new FormerSecretUsed(
                    new AuditFacts(AuditAction.Write, ApiKey.ResourceType, key.UserId, key.TokenName)
                    {
                        StatusCode = StatusCodes.Status401Unauthorized,
                        AdditionalFields = new Dictionary<string, object> { ["event"] = "rotated_secret_used" },
                    },
                    now),
                cancellationToken);
            return Unit.Value;
        }
    }

    internal sealed record FormerSecretUsed(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
