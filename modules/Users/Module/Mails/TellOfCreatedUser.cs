using Modular.Users.Contracts;
using Modular.Users.Mails.Domain;

namespace Modular.Users.Mails;

/// <summary>A person who imports a file knows what is in it; a mail for each line would tell nothing new.</summary>
internal sealed class TellOfCreatedUser(Outbox outbox) : INotificationHandler<UserCreated>
{
    public Task Handle(UserCreated notification, CancellationToken cancellationToken) => notification.IsImported
        ? Task.CompletedTask
        : outbox.TellAdministratorsAsync(MailKind.UserCreated, notification.UserId, notification.Username, cancellationToken);
}
