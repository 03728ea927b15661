using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberChangedUsername(ApiKeysDbContext db, KeyChanges changes) : INotificationHandler<UserProfileChanged>
{
    public async Task Handle(UserProfileChanged notification, CancellationToken cancellationToken)
    {
        changes.OfUser(notification.UserId);
        await db.Owners
            .Where(owner => owner.UserId == notification.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Username, notification.Username), cancellationToken);
    }
}
