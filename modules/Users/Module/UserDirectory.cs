using Modular.SharedKernel.Text;
using Modular.Users.Organizations;
using Modular.Users.People;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users;

internal sealed class UserDirectory(UsersDbContext db) : IUserDirectory
{
    private const string Me = "me";

    public async Task<Target?> ResolveAsync(Caller caller, string text, CancellationToken ct)
    {
        if (text == Me)
        {
            return new Target(caller.UserId, caller.Username, caller.Roles, IsDeleted: false);
        }

        var found = Uuid.TryParse(text, out var id)
            ? await FindAsync(db.Users.Where(user => user.Id == id), ct)
            : await FindAsync(NamedBy(text), ct);
        return found is not null && caller.May(UserPermissions.Read, owner: found.Id, id: found.Id) ? found : null;
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

    public async Task<Guid?> FindByNameAsync(string username, CancellationToken ct) => (await FindAsync(NamedBy(username), ct))?.Id;

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

    private IQueryable<User> NamedBy(string username)
    {
        var key = AsciiLowerCase.Of(username);
        return db.Users.Where(user => !user.Deleted && user.UsernameKey == key);
    }

    private async Task<Target?> FindAsync(IQueryable<User> users, CancellationToken ct)
    {
        var found = await users
            .Select(user => new
            {
                user.Id,
                user.Username,
                user.RbacRoles,
                user.Deleted,
                Memberships = db.OrganizationMembers.AsNoTracking().Where(member => member.UserId == user.Id).ToList(),
            })
            .SingleOrDefaultAsync(ct);
        return found is null
            ? null
            : new Target(found.Id, found.Username, [.. found.RbacRoles, .. found.Memberships.SelectMany(member => member.FullRoles)], found.Deleted);
    }
}
