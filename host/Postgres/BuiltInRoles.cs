using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Modular.Host.Postgres;

/// <summary>
/// The roles of the built-in database. The cluster's superuser sets it up and does nothing else; the owner makes tables; requests are served
/// by a role that owns nothing.
/// </summary>
internal static class BuiltInRoles
{
    /// <summary>The name is older than the other two: it used to be all three.</summary>
    internal const string Superuser = "modular";

    internal const string Owner = "modular_admin";

    internal const string Serving = "modular_server";

    private const int Iterations = 4096;

    /// <summary>Makes the roles, or gives them their password anew. Neither may do more than log in.</summary>
    internal static async Task MakeAsync(NpgsqlConnection cluster, Func<string, string> passwordOf, CancellationToken ct)
    {
        foreach (var role in (string[])[Owner, Serving])
        {
            await ExecuteAsync(
                cluster,
                $"""
                do $$ begin if to_regrole('{role}') is null then create role {role}; end if; end $$;
                alter role {role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '{Verifier(passwordOf(role))}'
                """,
                ct);
        }
    }

    /// <summary>Makes the database, or gives an older one its owner. The serving role gets into no other one.</summary>
    internal static async Task MakeDatabaseAsync(NpgsqlConnection cluster, string database, CancellationToken ct)
    {
        await using var exists = new NpgsqlCommand($"select exists (select from pg_database where datname = '{database}')", cluster);
        await ExecuteAsync(
            cluster, (bool)(await exists.ExecuteScalarAsync(ct))! ? $"alter database {database} owner to {Owner}" : $"create database {database} owner {Owner}", ct);
        await ExecuteAsync(
            cluster,
            $"""
            revoke connect, temporary on database {database}, postgres, template1 from public;
            grant connect on database {database} to {Serving}
            """,
            ct);
    }

    /// <summary>
    /// Gives the owner what the superuser has made here: versions before this one worked as the superuser. What extensions brought stays as
    /// it is. A cluster's first superuser cannot be told to hand over all at once (REASSIGN OWNED), since the system's own tables are its.
    /// </summary>
    internal static Task HandOverAsync(NpgsqlConnection database, CancellationToken ct) => ExecuteAsync(
        database,
        $$"""
        do $$
        declare command text;
        begin
            for command in
                with mine as (select oid, nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'),
                     me as (select oid from pg_roles where rolname = current_user),
                     brought as (select classid, objid from pg_depend where deptype = 'e')
                select format('alter schema %I owner to {{Owner}}', nspname)
                from pg_namespace join mine using (oid, nspname) where nspowner in (select oid from me) and nspname <> 'public'
                union all
                select format('alter table %s owner to {{Owner}}', c.oid::regclass)
                from pg_class c join mine on mine.oid = c.relnamespace
                where relowner in (select oid from me) and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                  and ('pg_class'::regclass, c.oid) not in (select classid, objid from brought)
                  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and relkind = 'S' and deptype in ('a', 'i'))
                union all
                select format('alter routine %s owner to {{Owner}}', p.oid::regprocedure)
                from pg_proc p join mine on mine.oid = p.pronamespace
                where proowner in (select oid from me) and ('pg_proc'::regclass, p.oid) not in (select classid, objid from brought)
                union all
                select format('alter type %s owner to {{Owner}}', t.oid::regtype)
                from pg_type t join mine on mine.oid = t.typnamespace
                where typowner in (select oid from me) and typelem = 0 and typtype in ('e', 'd', 'r', 'c')
                  and (typrelid = 0 or exists (select from pg_class where pg_class.oid = typrelid and relkind = 'c'))
                  and ('pg_type'::regclass, t.oid) not in (select classid, objid from brought)
            loop
                execute command;
            end loop;
        end
        $$
        """,
        ct);

    /// <summary>What PostgreSQL stores of a password (RFC 5803). Made here, so that the password stands in no statement that might be logged.</summary>
    private static string Verifier(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(storedKey)}:{Convert.ToBase64String(serverKey)}";
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
