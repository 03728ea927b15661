using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.Users.Contracts;
using Notes.Persistence;

namespace Notes.Events;

internal sealed class RemoveNotesOfDeletedUser(NotesDbContext db) : INotificationHandler<UserDeleted>
{
    public async Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        await db.BuryOwnerAsync(notification.UserId, cancellationToken);
        await db.Notes.Where(note => note.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
