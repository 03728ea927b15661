using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Sessions;

internal sealed class StoreLoginKey(ApiKeysDbContext db, KeyChanges changes, TokenSettings settings, IRequestOrigin origin) : INotificationHandler<SessionStarted>
{
    public async Task Handle(SessionStarted notification, CancellationToken cancellationToken)
    {
        if (await db.LockOwnerAsync(notification.UserId, makerId: null, cancellationToken) is not { Deleted: false })
        {
            throw new InvalidOperationException($"A session was started for user {notification.UserId}, who is not among the owners of keys.");
        }

        await MakeRoomAsync(notification.UserId, notification.OccurredAt, cancellationToken);
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

    /// <summary>Logging in often locks no user out: the oldest session makes room. Tokens are never dropped.</summary>
    private async Task MakeRoomAsync(Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.Keys.CountAsync(key => key.UserId == userId, ct) < settings.KeysPerUser)
        {
            return;
        }

        var oldest = await db.Keys
            .Where(key => key.UserId == userId && key.LoginType != ApiKey.TokenLoginType)
            .OrderBy(key => key.CreatedAt).ThenBy(key => key.Id)
            .FirstOrDefaultAsync(ct);
        if (oldest is not null)
        {
            await changes.BeginAsync(userId, ct);
            oldest.Revoke(now);
        }
    }
}
