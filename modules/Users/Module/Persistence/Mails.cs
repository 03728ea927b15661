using Modular.Users.Mails.Domain;

namespace Modular.Users.Persistence;

internal static class Mails
{
    /// <summary>
    /// Takes the next mail that is due, or null: those tried least often first. It is due again at the time given, should this server die
    /// before it has noted what became of it. Servers that take at the same time take different ones.
    /// </summary>
    internal static async Task<Mail?> TakeDueMailAsync(this UsersDbContext db, DateTimeOffset now, DateTimeOffset dueAgainAt, CancellationToken ct)
    {
        var taken = await db.Mails
            .FromSql(
                $"""
                update users.mails set attempts = attempts + 1, due_at = {dueAgainAt}
                where id = (select id from users.mails where due_at <= {now} order by attempts, due_at limit 1 for update skip locked)
                returning *
                """)
            .AsNoTracking()
            .ToListAsync(ct);
        return taken.SingleOrDefault();
    }

    /// <summary>Writes a mail to each owner and user administrator, the person concerned excepted.</summary>
    internal static Task WriteToAdministratorsAsync(
        this UsersDbContext db, string kind, Guid exceptUserId, string content, DateTimeOffset now, CancellationToken ct) =>

        // The roles are written out, as the index of the administrators has them.
        db.Database.ExecuteSqlAsync(
            $"""
            insert into users.mails (id, kind, recipient_id, address, content, created_at, due_at, attempts, expires_at)
            select gen_random_uuid(), {kind}, id, email, {content}::jsonb, {now}, {now}, 0, {Mail.EndOfTrying(now)}
            from users.users
            where not deleted and rbac_roles && array['owner', 'user-admin'] and status <> 'suspended' and email <> '' and id <> {exceptUserId}
            """,
            ct);
}
