using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Events;

internal sealed class RememberChangedUsername(ApiKeysDbContext db) : INotificationHandler<UserProfileChanged>
{
    public Task Handle(UserProfileChanged notification, CancellationToken cancellationToken) => db.Owners
        .Where(owner => owner.UserId == notification.UserId)
        .ExecuteUpdateAsync(set => set.SetProperty(owner => owner.Username, notification.Username), cancellationToken);
}
