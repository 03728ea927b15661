using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;

namespace Modular.ApiKeys.Housekeeping;

/// <summary>Forgets keys that expired or were deleted before the retention time: from then on they are unknown.</summary>
internal static class PurgeKeys
{
    private const int BatchSize = 1_000;

    internal sealed record Command : ICommand<int>;

    internal sealed class Handler(TokenSettings settings, ApiKeysDbContext db, TimeProvider clock) : IRequestHandler<Command, Result<int>>
    {
        public async Task<Result<int>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (settings.Retention is not { } retention)
            {
                return 0;
            }

            return await db.PurgeKeysAsync(clock.GetUtcNow() - retention, BatchSize, cancellationToken);
        }
    }
}
