using Modular.Users.Contracts;
using Modular.Users.Mails.Domain;

namespace Modular.Users.Mails;

internal sealed class TellOfChangedPassword(Outbox outbox) : INotificationHandler<UserPasswordChanged>
{
    public Task Handle(UserPasswordChanged notification, CancellationToken cancellationToken)
    {
        outbox.Log(MailKind.PasswordChanged, notification.UserId);
        return outbox.TellPersonAsync(MailKind.PasswordChanged, notification.UserId, cancellationToken);
    }
}
