namespace Modular.Users.Persistence;

/// <summary>
/// Work that is done whether or not there is a user to do it for, so that its time does not tell: what is not meant is taken back, and
/// as much is committed to the write-ahead log.
/// </summary>
internal static class Decoy
{
    internal static async Task WriteAsync(this UsersDbContext db, bool meant, Func<Task> write, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"savepoint decoy", ct);
        await write();
        await (meant
            ? db.Database.ExecuteSqlAsync($"release savepoint decoy", ct)
            : db.Database.ExecuteSqlAsync($"rollback to savepoint decoy; select pg_logical_emit_message(true, 'modular', 'decoy')", ct));
    }
}
