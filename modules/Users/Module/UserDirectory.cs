using Modular.SharedKernel.Text;
using Modular.Users.Organizations;
using Modular.Users.People;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users;

internal sealed class UserDirectory(UserReads reads, UsersDbContext db) : IUserDirectory
{
    private const string Me = "me";

    public async Task<Target?> ResolveAsync(Caller caller, string text, CancellationToken ct)
    {
        if (text == Me)
        {
            return new Target(caller.UserId, caller.Username, caller.Roles, IsDeleted: false);
        }

        var found = Uuid.TryParse(text, out var id) ? await reads.FindAsync(id, ct) : await reads.FindAsync(AsciiLowerCase.Of(text), ct);
        return found is { User: var user, Memberships: var memberships } && caller.May(UserPermissions.Read, owner: user.Id, id: user.Id)
            ? new Target(user.Id, user.Username, [.. user.RbacRoles, .. memberships.SelectMany(member => member.FullRoles)], user.Deleted)
            : null;
    }

    public async Task<IReadOnlySet<Guid>> ExistingAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        await db.Users.Where(user => ids.Contains(user.Id) && !user.Deleted).Select(user => user.Id).ToHashSetAsync(ct);

    public async Task<IReadOnlyDictionary<Guid, DescribedUser>> DescribeAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        ids.Count == 0
            ? new Dictionary<Guid, DescribedUser>()
            : await db.Users.AsNoTracking()
                .Where(user => ids.Contains(user.Id))
                .ToDictionaryAsync(
                    user => user.Id,
                    user => new DescribedUser(user.Id, user.Username, user.Name, user.Deleted, UserAnswer.Of(user, [])),
                    ct);

    public async Task<Guid?> FindByNameAsync(string username, CancellationToken ct) => (await reads.FindAsync(AsciiLowerCase.Of(username), ct))?.User.Id;

    public Task<Guid?> FindOrganizationAsync(Caller caller, string name, CancellationToken ct) =>
        db.Organizations.ReadableBy(caller).Where(o => o.Name == name).Select(o => (Guid?)o.Id).SingleOrDefaultAsync(ct);

    public async Task<IReadOnlyDictionary<Guid, DescribedOrganization>> DescribeOrganizationsAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        ids.Count == 0
            ? new Dictionary<Guid, DescribedOrganization>()
            : await db.Organizations.AsNoTracking()
                .Where(o => ids.Contains(o.Id))
                .ToDictionaryAsync(o => o.Id, o => new DescribedOrganization(o.Id, o.Name, OrganizationAnswer.Of(o).DisplayName, o.Icon), ct);

    public async Task<IReadOnlyList<Guid>> FindByEmailAsync(string email, CancellationToken ct)
    {
        var key = AsciiLowerCase.Of(email);
        return key.Length == 0 ? [] : await db.Users.Where(user => !user.Deleted && user.EmailKey == key && user.EmailKey != "")
            .Concat(db.Users.Where(user => user.Deleted && user.EmailKey == key && user.EmailKey != ""))
            .Select(user => user.Id)
            .ToListAsync(ct);
    }
}
