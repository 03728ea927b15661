using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberChangedStatus(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserStatusChanged>
{
    public async Task Handle(UserStatusChanged notification, CancellationToken cancellationToken)
    {
        await db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Status, notification.Status), cancellationToken);
        await changes.OfUserAsync(notification.UserId, cancellationToken);
    }
}
