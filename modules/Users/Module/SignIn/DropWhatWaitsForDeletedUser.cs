using Modular.Users.Contracts;
using Modular.Users.Persistence;

namespace Modular.Users.SignIn;

/// <summary>A passcode, and every mail that has not been sent.</summary>
internal sealed class DropWhatWaitsForDeletedUser(UsersDbContext db) : INotificationHandler<UserDeleted>
{
    public async Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        await db.Passcodes.Where(passcode => passcode.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
        await db.Mails.Where(mail => mail.RecipientId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
