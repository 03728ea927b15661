using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberChangedStatus(ApiKeysDbContext db) : INotificationHandler<UserStatusChanged>
{
    public Task Handle(UserStatusChanged notification, CancellationToken cancellationToken) => db.Owners
        .Where(owner => owner.UserId == notification.UserId)
        .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Status, notification.Status), cancellationToken);
}
