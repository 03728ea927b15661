using Microsoft.EntityFrameworkCore;
using Modular.SharedKernel.Security;
using Modular.Users.Domain;

namespace Modular.Users.Persistence;

internal static class Locks
{
    /// <summary>Any number, as long as nothing else in this database uses it.</summary>
    private const long OwnersLock = 0x4d6f64_4f776e65;

    /// <summary>Whatever can make or take away an owner waits here, so that there is always one left. Taken before any row.</summary>
    internal static Task LockOwnersAsync(this UsersDbContext db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({OwnersLock})", ct);

    /// <summary>Locks users in the order of their ids, so that two requests never wait for each other in a ring.</summary>
    internal static Task<List<User>> LockUsersAsync(this UsersDbContext db, Guid[] ids, CancellationToken ct) => db.Users
        .FromSql($"select * from users.users where id = any ({ids}) order by id for no key update")
        .ToListAsync(ct);

    /// <summary>
    /// Locks the caller and the user written to. The caller may have been deleted, suspended or demoted since the request was let in, by
    /// somebody it is about to write to: the roles are read anew, and there is no caller who may no longer act.
    /// </summary>
    internal static async Task<(Caller? By, User? User)> LockForWriteAsync(this UsersDbContext db, Caller caller, Guid userId, CancellationToken ct)
    {
        var locked = await db.LockUsersAsync([caller.UserId, userId], ct);
        var by = locked.SingleOrDefault(user => user.Id == caller.UserId);
        return (
            by is { Deleted: false } and not { Status: AccountStatus.Suspended } ? caller.WithRoles(by.RbacRoles) : null,
            locked.SingleOrDefault(user => user is { Deleted: false } && user.Id == userId));
    }

    /// <summary>The user as it was read, however it has been changed since.</summary>
    internal static User Unchanged(this UsersDbContext db, User user) => (User)db.Entry(user).OriginalValues.ToObject();
}
