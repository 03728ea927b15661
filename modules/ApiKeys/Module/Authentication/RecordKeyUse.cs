using System.Net;
using Modular.ApiKeys.Contracts;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Persistence;

namespace Modular.ApiKeys.Authentication;

internal static class RecordKeyUse
{
    internal sealed record Command(KnownKey Key, IPAddress? Ip, DateTimeOffset At, bool Used, DateTimeOffset? NewExpiry) : ICommand;

    internal sealed class Handler(ApiKeysDbContext db, KeyCache cache, IAfterCommit afterCommit, IIntegrationEvents events)
        : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var (known, ip, at, used, newExpiry) = request;
            afterCommit.Do(() =>
            {
                cache.ForgetKey(known.Id); // The next request reads what stands there now.
                return Task.CompletedTask;
            });
            var unchanged = db.Keys.Where(key => key.Id == known.Id && key.LastUsed == known.LastUsed && key.ExpiresAt == known.ExpiresAt);
            if (!await unchanged.AnyAsync(cancellationToken))
            {
                return Unit.Value; // Another request of the same moment was first, or the key is gone.
            }

            // The user before the key, as deletion does, so that the two never wait for each other in a ring.
            await events.PublishAsync(new KeyUsed(known.Caller.UserId, at), cancellationToken);
            await unchanged.ExecuteUpdateAsync(
                set => set
                    .SetProperty(key => key.LastUsed, key => used ? (DateTimeOffset?)at : key.LastUsed)
                    .SetProperty(key => key.IpAddress, key => used ? ip ?? IPAddress.Any : key.IpAddress)
                    .SetProperty(key => key.ExpiresAt, key => newExpiry ?? key.ExpiresAt),
                cancellationToken);
            return Unit.Value;
        }
    }
}
