using Modular.Users.Contracts;
using Modular.Users.Persistence;

namespace Modular.Users.SignIn;

internal sealed class VoidPasscodeWhenPasswordChanges(UsersDbContext db) : INotificationHandler<UserPasswordChanged>
{
    public Task Handle(UserPasswordChanged notification, CancellationToken cancellationToken) =>
        db.VoidPasscodeAsync(notification.UserId, cancellationToken);
}
