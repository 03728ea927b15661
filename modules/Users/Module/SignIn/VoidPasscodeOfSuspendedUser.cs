using Modular.Users.Contracts;
using Modular.Users.Persistence;

namespace Modular.Users.SignIn;

internal sealed class VoidPasscodeOfSuspendedUser(UsersDbContext db) : INotificationHandler<UserStatusChanged>
{
    public Task Handle(UserStatusChanged notification, CancellationToken cancellationToken) => notification.Status == AccountStatus.Suspended
        ? db.VoidPasscodeAsync(notification.UserId, cancellationToken)
        : Task.CompletedTask;
}
