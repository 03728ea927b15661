using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.Users.Contracts;
using SampleExperiment.Persistence;

namespace SampleExperiment.Events;

/// <summary>Runs in the transaction that deletes the user, whether the experiment is on or off. If it throws, the user is not deleted.</summary>
internal sealed class RemoveEntriesOfDeletedUser(SampleExperimentDbContext db) : INotificationHandler<UserDeleted>
{
    public async Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        // First, so that writes in flight are waited for and their entries are among those that are deleted.
        await db.BuryOwnerAsync(notification.UserId, cancellationToken);
        await db.Entries.Where(entry => entry.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
