using System.Text.Json;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Json;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Owners;

internal sealed class RememberCreatedUser(ApiKeysDbContext db) : ISetHandler<UserCreated>
{
    public Task HandleAllAsync(IReadOnlyList<UserCreated> facts, CancellationToken ct)
    {
        var owners = JsonSerializer.Serialize(
            facts.Select(fact => new { fact.UserId, fact.Username, fact.Status, fact.Roles, fact.OrganizationRoles }), ModularJson.Options);
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into api_keys.owners (user_id, username, status, roles, organization_roles, deleted)
            select user_id, username, status, roles, organization_roles, false
            from jsonb_to_recordset({owners}::jsonb) as created (
                user_id uuid, username text, status text, roles text[], organization_roles text[])
            on conflict (user_id) do nothing
            """,
            ct);
    }
}
