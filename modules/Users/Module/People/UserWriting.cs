using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.People;

/// <summary>What every write to a user that is there begins with.</summary>
internal sealed class UserWriting(ICurrentUser current, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
{
    /// <summary>Locks the user and the caller: 404 where the user is gone.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="action">What is to be done, as the audit log calls it.</param>
    /// <param name="concernsOwners">Whether an owner can come of it, or be lost: such writes wait for each other, so that there is always one left.</param>
    /// <param name="ct">The request's.</param>
    internal async Task<Result<UserWrite>> BeginAsync(Guid userId, string action, bool concernsOwners, CancellationToken ct)
    {
        if (concernsOwners)
        {
            await db.LockOwnersAsync(ct);
        }

        var (by, user, roles) = await db.LockForWriteAsync(current.Required, userId, ct);
        return user is null ? Error.ResourceNotFound : new UserWrite(db, events, by, user, roles, action, clock.GetUtcNow());
    }
}

/// <summary>A write to one user, whose row is locked until the transaction ends.</summary>
/// <param name="db">The module's.</param>
/// <param name="events">Where it is told.</param>
/// <param name="by">The caller with the roles of now; null for one who may no longer act.</param>
/// <param name="user">The user.</param>
/// <param name="usersRoles">Site roles, and full names of organization roles.</param>
/// <param name="action">What is to be done, as the audit log calls it.</param>
/// <param name="now">The time of the write.</param>
internal sealed class UserWrite(
    UsersDbContext db, IIntegrationEvents events, Caller? by, User user, IReadOnlyList<string> usersRoles, string action, DateTimeOffset now)
{
    private readonly string username = user.Username;

    internal Caller? By => by;

    internal User User => user;

    internal IReadOnlyList<string> UsersRoles => usersRoles;

    internal DateTimeOffset Now => now;

    /// <summary>Why the caller may not do this to the user: the permission is missing, or the user holds rights that the caller does not.</summary>
    internal Error? FindError(Permission permission) =>
        by?.May(permission, owner: user.Id, id: user.Id) != true ? Error.NotAllowed
        : by.UserId != user.Id && RoleAssignment.Outranks(usersRoles, by.Roles) ? UserErrors.Outranked
        : null;

    /// <summary>Whether <c>If-Match</c> names another state of the user.</summary>
    internal bool IsStaleFor(IfMatch ifMatch) => ifMatch.Excludes(UserAnswer.TagOf(user));

    /// <summary>A refusal that the log is told of.</summary>
    internal Result<T> Refused<T>(Error error) => Result<T>.Refused(error, UserAudit.Refused(action, user.Id, username, now));

    /// <summary>Changes the user, and tells what happened with the entry that it leaves.</summary>
    internal async Task SaveAsync(Action<User> change, Func<AuditFacts, IntegrationEvent> happened, CancellationToken ct)
    {
        var before = db.Unchanged(user);
        change(user);
        await db.SaveChangesAsync(ct);
        await events.PublishAsync(happened(UserAudit.Changed(action, before, user)), ct);
    }
}
