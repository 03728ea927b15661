using MediatR;
using Modular.Users.Contracts;
using Modular.Users.Mails;

namespace Modular.Users.Events;

internal sealed class TellOfCreatedUser(Outbox outbox) : INotificationHandler<UserCreated>
{
    public Task Handle(UserCreated notification, CancellationToken cancellationToken) =>
        outbox.TellAdministratorsAsync(MailKind.UserCreated, notification.UserId, notification.Username, cancellationToken);
}
