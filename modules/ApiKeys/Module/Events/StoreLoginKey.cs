using MediatR;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Security;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class StoreLoginKey(ApiKeysDbContext db, TokenSettings settings, IRequestOrigin origin) : INotificationHandler<SessionStarted>
{
    public async Task Handle(SessionStarted notification, CancellationToken cancellationToken)
    {
        if (await db.LockOwnerAsync(notification.UserId, cancellationToken) is not { Deleted: false })
        {
            throw new InvalidOperationException($"A session was started for user {notification.UserId}, who is not among the owners of keys.");
        }

        db.Keys.Add(ApiKey.ForLogin(
            notification.KeyId,
            notification.HashedSecret,
            notification.UserId,
            notification.LoginType,
            notification.Lifetime,
            settings.SessionAbsoluteLifetime,
            origin.Current,
            notification.OccurredAt));
        await db.SaveChangesAsync(cancellationToken);
    }
}
