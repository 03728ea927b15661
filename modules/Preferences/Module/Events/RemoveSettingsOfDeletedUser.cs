using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;
using Modular.Users.Contracts;

namespace Modular.Preferences.Events;

internal sealed class RemoveSettingsOfDeletedUser(PreferencesDbContext db) : INotificationHandler<UserDeleted>
{
    public async Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        // The tombstone first: it waits for a write in flight and refuses those that come later.
        await db.BuryOwnerAsync(notification.UserId, cancellationToken);
        foreach (var group in UserSettings.Groups)
        {
            await db.Stored(group).Where(settings => settings.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
        }

        await db.GitSshKeys.Where(key => key.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
        await db.AutofillValues.Where(value => value.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
