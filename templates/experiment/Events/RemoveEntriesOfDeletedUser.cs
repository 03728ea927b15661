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
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into sample_experiment.owners (user_id, deleted) values ({notification.UserId}, true)
            on conflict (user_id) do update set deleted = true
            """,
            cancellationToken);
        await db.Entries.Where(entry => entry.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
