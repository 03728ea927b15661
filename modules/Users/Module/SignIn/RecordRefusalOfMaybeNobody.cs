using Modular.Users.Persistence;

namespace Modular.Users.SignIn;

/// <summary>The refusal of somebody who may not exist: a login, a passcode.</summary>
/// <param name="Facts">What is recorded if there is somebody.</param>
/// <param name="OfSomebody">Whether there is. Else nothing is recorded, as there is nobody to record it of.</param>
/// <param name="OccurredAt">When.</param>
internal sealed record MaybeNobodyRefused(AuditFacts Facts, bool OfSomebody, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt);

/// <summary>Writes the entry, or writes it and takes it back: the time it takes does not tell whether there is somebody.</summary>
internal sealed class RecordRefusalOfMaybeNobody(UsersDbContext db, IIntegrationEvents events) : INotificationHandler<MaybeNobodyRefused>
{
    public Task Handle(MaybeNobodyRefused notification, CancellationToken cancellationToken) => db.WriteAsync(
        notification.OfSomebody,
        () => events.PublishAsync(new WriteRefused(notification.Facts, notification.OccurredAt), cancellationToken),
        cancellationToken);
}
