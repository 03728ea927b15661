using Modular.ApiKeys.Contracts;
using Modular.Users.Persistence;

namespace Modular.Users.Dormancy;

internal sealed class NoteWhenUserWasSeen(UsersDbContext db) : INotificationHandler<KeyUsed>
{
    public Task Handle(KeyUsed notification, CancellationToken cancellationToken) => db.Users
        .Where(user => user.Id == notification.UserId && (user.LastSeenAt == null || user.LastSeenAt < notification.OccurredAt))
        .ExecuteUpdateAsync(
            set => set
                .SetProperty(user => user.LastSeenAt, notification.OccurredAt)
                .SetProperty(user => user.UpdatedAt, notification.OccurredAt),
            cancellationToken);
}
