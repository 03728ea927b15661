using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;
using Modular.Users.Contracts;

namespace Modular.Preferences.Events;

/// <summary>Every user has a key from the beginning. One of many in a file gets it when it is first asked for: a million keys would take hours.</summary>
internal sealed class MakeSshKeyOfCreatedUser(PreferencesDbContext db, Prepared prepared) : INotificationHandler<UserCreated>
{
    public async Task Handle(UserCreated notification, CancellationToken cancellationToken)
    {
        if (notification.IsImported || !await db.LockOwnerAsync(notification.UserId, cancellationToken))
        {
            return;
        }

        db.GitSshKeys.Add(new GitSshKey(notification.UserId, prepared.Get<SealedSshKeyPair>(), notification.OccurredAt));
        await db.SaveChangesAsync(cancellationToken);
    }

    internal sealed class Preparation(SshKeyMaking making, Prepared prepared) : IReactionPreparation<UserCreated>
    {
        public async Task PrepareAsync(CancellationToken ct) => prepared.Keep(await making.MakeAsync(ct));
    }
}
