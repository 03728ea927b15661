using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Owners;

internal sealed class RememberCreatedUser(ApiKeysDbContext db) : ISetHandler<UserCreated>
{
    public Task HandleAllAsync(IReadOnlyList<UserCreated> facts, CancellationToken ct) => db.AddOwnersAsync(
        facts.Select(fact => new KeyOwner
        {
            UserId = fact.UserId,
            Username = fact.Username,
            Status = fact.Status,
            Roles = [.. fact.Roles],
            OrganizationRoles = [.. fact.OrganizationRoles],
        }),
        ct);
}
