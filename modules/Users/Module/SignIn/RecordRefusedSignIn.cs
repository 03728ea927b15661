using Modular.Users.Persistence;

namespace Modular.Users.SignIn;

/// <summary>A login, or a new password by a passcode, was refused, to a user or to an address that no user has.</summary>
/// <param name="Facts">What is recorded of a user.</param>
/// <param name="IsOfAUser">Whether it was a user's address; of others nothing is recorded.</param>
/// <param name="OccurredAt">When.</param>
internal sealed record SignInRefused(AuditFacts Facts, bool IsOfAUser, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt);

/// <summary>Writes the entry, or writes it and takes it back: the time it takes does not tell whether there is a user.</summary>
internal sealed class RecordRefusedSignIn(UsersDbContext db, IIntegrationEvents events) : INotificationHandler<SignInRefused>
{
    public Task Handle(SignInRefused notification, CancellationToken cancellationToken) => db.WriteAsync(
        notification.IsOfAUser,
        () => events.PublishAsync(new WriteRefused(notification.Facts, notification.OccurredAt), cancellationToken),
        cancellationToken);
}
