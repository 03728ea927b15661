using System.Net;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Contracts;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;

namespace Modular.ApiKeys.Authentication;

internal static class RecordKeyUse
{
    internal sealed record Command(KeyUse Use, bool Used, DateTimeOffset? NewExpiry) : ICommand;

    internal sealed class Handler(ApiKeysDbContext db, IIntegrationEvents events) : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var (use, used, newExpiry) = request;
            var unchanged = db.Keys.Where(key => key.Id == use.KeyId && key.LastUsed == use.LastUsed && key.ExpiresAt == use.ExpiresAt);
            if (!await unchanged.AnyAsync(cancellationToken))
            {
                return Unit.Value; // Another request of the same moment was first, or the key is gone.
            }

            // The user before the key, as deletion does, so that the two never wait for each other in a ring.
            await events.PublishAsync(new KeyUsed(use.UserId, use.At), cancellationToken);
            await unchanged.ExecuteUpdateAsync(
                set => set
                    .SetProperty(key => key.LastUsed, key => used ? use.At : key.LastUsed)
                    .SetProperty(key => key.IpAddress, key => used ? use.Ip ?? IPAddress.Any : key.IpAddress)
                    .SetProperty(key => key.ExpiresAt, key => newExpiry ?? key.ExpiresAt),
                cancellationToken);
            return Unit.Value;
        }
    }
}
