using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;

namespace Modular.Users.Persistence;

internal static class Locks
{
    /// <summary>Any number, as long as nothing else in this database uses it.</summary>
    private const long OwnersLock = 0x4d6f64_4f776e65;

    private const long DormancyLock = 0x4d6f64_446f726d;

    /// <summary>Whatever can make or take away an owner waits here, so that there is always one left. Taken before any row.</summary>
    internal static Task LockOwnersAsync(this UsersDbContext db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({OwnersLock})", ct);

    /// <summary>Whether this server may look for dormant users; false while another one does.</summary>
    internal static async Task<bool> TryLockDormancyAsync(this UsersDbContext db, CancellationToken ct) =>
        (await db.Database.SqlQuery<bool>($"select pg_try_advisory_xact_lock({DormancyLock}) as value").ToListAsync(ct)).Single();

    /// <summary>Locks users in the order of their ids, so that two requests never wait for each other in a ring.</summary>
    internal static Task<List<User>> LockUsersAsync(this UsersDbContext db, Guid[] ids, CancellationToken ct) => db.Users
        .FromSql($"select * from users.users where id = any ({ids}) order by id for no key update")
        .ToListAsync(ct);

    /// <summary>
    /// Locks active users behind the id who have not been seen since the time, in the order of their ids. One who is seen or changed while
    /// this waits for the row is judged as the row is then.
    /// </summary>
    internal static Task<List<User>> LockUnseenUsersAsync(
        this UsersDbContext db, Guid afterId, DateTimeOffset unseenSince, int count, CancellationToken ct) => db.Users
        .FromSql(
            $"""
            select * from users.users
            where id > {afterId} and not deleted and status = 'active' and coalesce(last_seen_at, created_at) < {unseenSince}
            order by id limit {count} for no key update
            """)
        .ToListAsync(ct);

    /// <summary>
    /// Locks the caller and the user written to, and reads the roles of both anew: the caller may have been deleted, suspended or demoted
    /// since the request was let in, by the user it is about to write to. Every change of roles, in organizations too, locks the same rows.
    /// </summary>
    internal static async Task<LockedForWrite> LockForWriteAsync(this UsersDbContext db, Caller caller, Guid userId, CancellationToken ct)
    {
        var locked = await db.LockUsersAsync([caller.UserId, userId], ct);
        var roles = await db.OrganizationRolesOfAsync([caller.UserId, userId], ct);
        var user = locked.SingleOrDefault(user => user is { Deleted: false } && user.Id == userId);
        return new LockedForWrite(caller.AsIn(locked, roles), user, user is null ? [] : [.. user.RbacRoles, .. roles[user.Id]]);
    }

    /// <summary>The caller with the roles of now, the own row being locked; null where it may no longer act.</summary>
    internal static Caller? AsIn(this Caller caller, IEnumerable<User> locked, ILookup<Guid, string> organizationRoles)
    {
        var by = locked.SingleOrDefault(user => user.Id == caller.UserId);
        return by is { Deleted: false } and not { Status: AccountStatus.Suspended }
            ? caller.WithRoles([.. by.RbacRoles, .. organizationRoles[by.Id]])
            : null;
    }

    /// <summary>Full names of what users may be in their organizations, by user.</summary>
    internal static async Task<ILookup<Guid, string>> OrganizationRolesOfAsync(this UsersDbContext db, IReadOnlyCollection<Guid> users, CancellationToken ct) =>
        (await db.OrganizationMembers.AsNoTracking().Where(member => users.Contains(member.UserId)).ToListAsync(ct))
            .SelectMany(member => member.FullRoles, (member, role) => (member.UserId, role))
            .ToLookup(held => held.UserId, held => held.role);

    /// <summary>
    /// The organization that the path names, locked: it gets no members, and no other command changes it, until this one ends. Null
    /// where there is none or the caller may not read it.
    /// </summary>
    internal static async Task<Organization?> LockOrganizationAsync(this UsersDbContext db, Caller caller, string text, CancellationToken ct)
    {
        var id = await db.Organizations.ReadableBy(caller).Called(text).Select(o => o.Id).SingleOrDefaultAsync(ct);
        return await db.Organizations.FromSql($"select * from users.organizations where id = {id} for update").SingleOrDefaultAsync(ct);
    }

    /// <summary>The user as it stands now, whatever is done to it from now on.</summary>
    internal static User AsItIs(this UsersDbContext db, User user) => (User)db.Entry(user).CurrentValues.ToObject();
}

/// <summary>Who writes to whom, as both are under the lock.</summary>
/// <param name="By">The caller with the roles of now; null for one who may no longer act.</param>
/// <param name="User">Whom it is about; null when there is no such user any more.</param>
/// <param name="UsersRoles">Site roles, and full names of organization roles.</param>
internal readonly record struct LockedForWrite(Caller? By, User? User, IReadOnlyList<string> UsersRoles);
