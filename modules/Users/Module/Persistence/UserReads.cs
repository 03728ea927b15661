using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;

namespace Modular.Users.Persistence;

/// <summary>A user as one statement reads it.</summary>
/// <param name="User">The record, deleted or not.</param>
/// <param name="Memberships">In the order in which they began.</param>
internal sealed record UserRead(User User, List<OrganizationMember> Memberships);

/// <summary>
/// Reads one user with its memberships. Most requests name a user, whom the edge reads; the use case of the same request is given the same
/// record. The queries are compiled once: that was most of the time of such a request.
/// </summary>
internal sealed class UserReads(UsersDbContext db)
{
    private static readonly Func<UsersDbContext, Guid, CancellationToken, Task<UserRead?>> byId = EF.CompileAsyncQuery(
        (UsersDbContext db, Guid id, CancellationToken ct) => db.Users.AsNoTracking()
            .Where(user => user.Id == id)
            .Select(user => new UserRead(user, db.OrganizationMembers.AsNoTracking().Where(member => member.UserId == user.Id).OrderBy(member => member.CreatedAt).ToList()))
            .SingleOrDefault());

    private static readonly Func<UsersDbContext, string, CancellationToken, Task<UserRead?>> byKey = EF.CompileAsyncQuery(
        (UsersDbContext db, string key, CancellationToken ct) => db.Users.AsNoTracking()
            .Where(user => !user.Deleted && user.UsernameKey == key)
            .Select(user => new UserRead(user, db.OrganizationMembers.AsNoTracking().Where(member => member.UserId == user.Id).OrderBy(member => member.CreatedAt).ToList()))
            .SingleOrDefault());

    private UserRead? last;

    /// <summary>The user with the id, deleted or not; null where there is none.</summary>
    internal async Task<UserRead?> FindAsync(Guid id, CancellationToken ct) => last = await byId(db, id, ct);

    /// <summary>The user that is not deleted and has the name, whose key this is; null where there is none.</summary>
    internal async Task<UserRead?> FindAsync(string usernameKey, CancellationToken ct) => last = await byKey(db, usernameKey, ct);

    /// <summary>As <see cref="FindAsync(Guid, CancellationToken)"/>, or as it was read last in this scope: for a request that only shows what was found.</summary>
    internal async Task<UserRead?> FindOnceAsync(Guid id, CancellationToken ct) => last?.User.Id == id ? last : await FindAsync(id, ct);
}
