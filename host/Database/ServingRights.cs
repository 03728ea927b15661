using System.Globalization;
using System.Text;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.Host.Database;

/// <summary>
/// Gives the role that serves requests what each module says of its tables, and takes what it has beyond that. It looks at what there is, so
/// that a new table is not forgotten; where nothing differs, nothing is written.
/// </summary>
internal static class ServingRights
{
    /// <summary>A role that owns the schemas needs nothing given.</summary>
    /// <exception cref="PostgresException">The owner's role does not own them.</exception>
    internal static async Task GrantAsync(NpgsqlConnection owner, NpgsqlConnection serving, IReadOnlyList<ModuleContext> contexts, CancellationToken ct)
    {
        var role = await RoleOfAsync(serving, ct);
        if (role == await RoleOfAsync(owner, ct))
        {
            return;
        }

        var script = new StringBuilder();
        foreach (var (kind, schema, name, rights) in await HeldAsync(owner, role, contexts, ct))
        {
            var wanted = Wanted(contexts, kind, schema, name);
            if (rights != wanted)
            {
                var what = $"{(kind is 'n' ? "schema" : kind is 'S' ? "sequence" : "table")} {(kind is 'n' ? "" : Quoted(schema) + ".")}{Quoted(name)}";
                script.AppendLine(CultureInfo.InvariantCulture, $"revoke all on {what} from {Quoted(role)};");
                if (wanted.Length > 0)
                {
                    script.AppendLine(CultureInfo.InvariantCulture, $"grant {wanted} on {what} to {Quoted(role)};");
                }
            }
        }

        if (script.Length > 0)
        {
            await using var transaction = await owner.BeginTransactionAsync(ct);
            await using var change = new NpgsqlCommand(script.ToString(), owner, transaction);
            await change.ExecuteNonQueryAsync(ct);
            await transaction.CommitAsync(ct);
        }
    }

    /// <summary>The name of the serving role if it can act as the owner of a table, and so do all that it is not given.</summary>
    internal static async Task<string?> OwnerOfAnythingAsync(NpgsqlConnection serving, IReadOnlyList<ModuleContext> contexts, CancellationToken ct)
    {
        await using var owns = new NpgsqlCommand(
            """
            select current_user::text
            where exists (
                select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = any ($1) and (pg_has_role(current_user, c.relowner, 'member') or pg_has_role(current_user, n.nspowner, 'member')))
            """,
            serving)
        {
            Parameters = { new() { Value = Schemas(contexts) } },
        };
        return (string?)await owns.ExecuteScalarAsync(ct);
    }

    private static async Task<string> RoleOfAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var role = new NpgsqlCommand("select current_user::text", connection);
        return (string)(await role.ExecuteScalarAsync(ct))!;
    }

    /// <summary>What the role has been given of every schema, table and sequence; rights on single columns are something that is never wanted.</summary>
    private static async Task<List<(char Kind, string Schema, string Name, string Rights)>> HeldAsync(
        NpgsqlConnection owner, string role, IReadOnlyList<ModuleContext> contexts, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand(
            """
            with grantee as (select oid from pg_roles where rolname = $1), ours as (select oid, nspname, nspacl from pg_namespace where nspname = any ($2))
            select kind, nspname::text, name::text, coalesce(
                (select string_agg(lower(privilege_type) || case when is_grantable then ' with grant option' else '' end, ', ' order by privilege_type)
                 from aclexplode(acl) where aclexplode.grantee in (select oid from grantee)), '') || columns
            from (
                select 'n'::"char" as kind, nspname, nspname as name, nspacl as acl, '' as columns from ours
                union all
                select c.relkind, nspname, relname, relacl, case when exists (
                    select from pg_attribute a, aclexplode(a.attacl) where a.attrelid = c.oid and aclexplode.grantee in (select oid from grantee)) then ', columns' else '' end
                from pg_class c join ours on ours.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')) held
            """,
            owner)
        {
            Parameters = { new() { Value = role }, new() { Value = Schemas(contexts) } },
        };
        var held = new List<(char, string, string, string)>();
        await using var rows = await read.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            held.Add((rows.GetChar(0), rows.GetString(1), rows.GetString(2), rows.GetString(3)));
        }

        return held;
    }

    /// <summary>As PostgreSQL lists them, by name.</summary>
    private static string Wanted(IReadOnlyList<ModuleContext> contexts, char kind, string schema, string name) => kind is 'n' or 'S'
        ? "usage"
        : contexts.First(context => context.Schema == schema).RightsOn(name) switch
        {
            TableRights.Read => "select",
            TableRights.Append => "insert, select",
            TableRights.Write => "delete, insert, select, update",
            _ => "",
        };

    private static string[] Schemas(IReadOnlyList<ModuleContext> contexts) => [.. contexts.Select(context => context.Schema).Distinct()];

    private static string Quoted(string name) => new NpgsqlCommandBuilder().QuoteIdentifier(name);
}
