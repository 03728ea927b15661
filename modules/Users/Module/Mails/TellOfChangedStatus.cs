using Modular.Users.Contracts;
using Modular.Users.Mails.Domain;

namespace Modular.Users.Mails;

/// <summary>Dormancy comes and goes by itself and is no news.</summary>
internal sealed class TellOfChangedStatus(Outbox outbox) : INotificationHandler<UserStatusChanged>
{
    public async Task Handle(UserStatusChanged notification, CancellationToken cancellationToken)
    {
        if (notification.IsAutomatic)
        {
            return;
        }

        var suspended = notification.Status == AccountStatus.Suspended;
        await outbox.TellAdministratorsAsync(
            suspended ? MailKind.UserSuspended : MailKind.UserActivated, notification.UserId, notification.Username, cancellationToken);
        await outbox.TellPersonAsync(
            suspended ? MailKind.AccountSuspended : MailKind.AccountActivated, notification.UserId, cancellationToken);
    }
}
