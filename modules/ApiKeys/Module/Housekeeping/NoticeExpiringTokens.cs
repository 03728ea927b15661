using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;

namespace Modular.ApiKeys.Housekeeping;

/// <summary>
/// Tells the log, once each, that a token ends within a week and within a day. A token that never lived so long before its end is
/// passed over: a token for an hour is meant to end soon.
/// </summary>
internal static class NoticeExpiringTokens
{
    private const int BatchSize = 500;

    /// <summary>The later one first, so that a token which was missed for a week is not told of twice at once.</summary>
    internal static readonly IReadOnlyList<int> Days = [1, 7];

    /// <param name="DaysBefore">One of <see cref="Days"/>.</param>
    internal sealed record Command(int DaysBefore) : ICommand<int>;

    internal sealed class Handler(ApiKeysDbContext db, IIntegrationEvents events, TimeProvider clock) : IRequestHandler<Command, Result<int>>
    {
        public async Task<Result<int>> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var due = await db.LockExpiringTokensAsync(request.DaysBefore, now, BatchSize, cancellationToken);
            foreach (var key in due)
            {
                key.Notice(request.DaysBefore);
            }

            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAllAsync(
                [.. due.Select(key => new TokenExpiring(
                    new AuditFacts(AuditAction.Write, ApiKey.ResourceType, key.UserId, key.TokenName)
                    {
                        AdditionalFields = new Dictionary<string, object> { ["event"] = "expiring", ["days"] = request.DaysBefore },
                    },
                    now))],
                cancellationToken);
            return due.Count;
        }
    }

    internal sealed record TokenExpiring(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
