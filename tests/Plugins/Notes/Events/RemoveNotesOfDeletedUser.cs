using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.Users.Contracts;
using Notes.Persistence;

namespace Notes.Events;

internal sealed class RemoveNotesOfDeletedUser(NotesDbContext db) : INotificationHandler<UserDeleted>
{
    public async Task Handle(UserDeleted notification, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into notes.owners (user_id, deleted) values ({notification.UserId}, true)
            on conflict (user_id) do update set deleted = true
            """,
            cancellationToken);
        await db.Notes.Where(note => note.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
