using System.Text.Json;
using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Json;

namespace Modular.ApiKeys.Persistence;

/// <summary>What is kept of many users at once.</summary>
internal static class KnownOwners
{
    /// <summary>Adds owners in one statement, however many: a file of users brings thousands. Those that are there stay as they are.</summary>
    internal static Task AddOwnersAsync(this ApiKeysDbContext db, IEnumerable<KeyOwner> owners, CancellationToken ct)
    {
        var rows = JsonSerializer.Serialize(
            owners.Select(owner => new { owner.UserId, owner.Username, owner.Status, owner.Roles, owner.OrganizationRoles }), ModularJson.Options);
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into api_keys.owners (user_id, username, status, roles, organization_roles, deleted)
            select user_id, username, status, roles, organization_roles, false
            from jsonb_to_recordset({rows}::jsonb) as created (
                user_id uuid, username text, status text, roles text[], organization_roles text[])
            on conflict (user_id) do nothing
            """,
            ct);
    }

    /// <summary>Takes all roles in the organization from those who hold the one that each of its members does; the others stay in their order.</summary>
    internal static Task ForgetRolesInAsync(this ApiKeysDbContext db, Guid organizationId, string membership, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync(
            $"""
            update api_keys.owners
            set organization_roles = array(
                select role from unnest(organization_roles) with ordinality as held (role, place)
                where split_part(role, ':', 2) <> {organizationId.ToString()} order by place)
            where organization_roles @> array[{membership}]
            """,
            ct);
}
