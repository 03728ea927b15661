using Modular.Users.Contracts;
using Modular.Users.Mails.Domain;

namespace Modular.Users.Mails;

internal sealed class TellOfDeletedUser(Outbox outbox) : INotificationHandler<UserDeleted>
{
    public Task Handle(UserDeleted notification, CancellationToken cancellationToken) =>
        outbox.TellAdministratorsAsync(MailKind.UserDeleted, notification.UserId, notification.Audit.Target, cancellationToken);
}
