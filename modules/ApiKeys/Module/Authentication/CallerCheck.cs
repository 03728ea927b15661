using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Compares what a request was let in with to what stands in the database. A number on the owner's row (<see cref="KeyOwner.Epoch"/>)
/// grows with everything that ends a key or changes its owner's rights, so one row is read and nothing is judged twice while it is the
/// same. Where it is another one the key and the rights are read: most often another key of the user has ended, and the request goes on.
/// </summary>
internal sealed class CallerCheck(IHttpContextAccessor accessor, DbSession session, KeyCache cache, IAuthenticator authenticator, TimeProvider clock)
    : ICallerCheck
{
    /// <summary>Shared with other commands and with those that make keys. What ends keys waits for this lock, and makes it wait.</summary>
    private const string OwnerRows = """
        select user_id, epoch, roles from api_keys.owners where user_id in ($1, $2) order by user_id for key share
        """;

    /// <summary>What this transaction itself has done to the key was the caller's to do.</summary>
    private const string KeyRow = """
        select k.hashed_secret, k.former_hash, k.former_until, k.expires_at, k.revoked_at is not null, k.xmin = pg_current_xact_id()::xid,
               o.status, o.deleted, o.roles || o.organization_roles
        from api_keys.keys k join api_keys.owners o on o.user_id = k.user_id
        where k.id = $1
        """;

    /// <summary>The running transaction has locked the caller's own row, and what it said was right.</summary>
    private bool held;

    /// <summary>The user whose command is running; null where there is no caller, as on a route that needs no key.</summary>
    internal Guid? CallerId => Admission?.Key.Caller.UserId;

    /// <summary>
    /// Whether the caller presents the secret before a rotation. It may be the leaked one that the rotation was made against, so it must
    /// not be able to lock the owner out.
    /// </summary>
    internal bool UsesFormerSecret => Admission is { ByFormerSecret: true };

    private Admission? Admission => accessor.HttpContext is { } http
        && http.GetEndpoint()?.Metadata.GetMetadata<RouteAccess>() is { Kind: not RouteAccessKind.Anonymous }
            ? http.Features.Get<Admission>()
            : null;

    private Target? Target => accessor.HttpContext?.Features.Get<Target>();

    public async Task<bool> StillHoldsAsync(CancellationToken ct)
    {
        if (Admission is not { } admission || held)
        {
            held = false; // It was said of this transaction; a scope may have another one.
            return true;
        }

        var (callerId, target) = (admission.Key.Caller.UserId, Target);
        long? epoch = null;
        var targetIsSame = true;
        await using (var rows = await ReadAsync(OwnerRows, [callerId, target?.Id ?? callerId], ct))
        {
            while (await rows.Reader.ReadAsync(ct))
            {
                var id = rows.Reader.GetGuid(0);
                epoch = id == callerId ? rows.Reader.GetInt64(1) : epoch;
                targetIsSame &= id != target?.Id || target.IsDeleted || SiteRolesOf(target).SetEquals(rows.Reader.GetFieldValue<string[]>(2));
            }
        }

        return targetIsSame && epoch is { } known && await HoldsAsync(admission, known, ct);
    }

    public async Task<Error?> FindAgainAsync(CancellationToken ct)
    {
        if (CallerId is { } userId)
        {
            cache.ForgetUser(userId); // What changed may have been told to this server, and not have been heard yet.
        }

        // A key that has been forgotten is looked up, and the user that the path names with it.
        return (await authenticator.FindAgainAsync(accessor.HttpContext!)).Error;
    }

    /// <summary>
    /// Takes the number that was read under a lock which lasts until the transaction ends, before the command itself makes it grow.
    /// </summary>
    /// <exception cref="CallerChangedException">The caller is not what it was.</exception>
    internal async Task HoldAsync(long? epoch, CancellationToken ct)
    {
        if (Admission is { } admission)
        {
            held = epoch is { } known && await HoldsAsync(admission, known, ct) ? true : throw new CallerChangedException();
        }
    }

    private async Task<bool> HoldsAsync(Admission admission, long epoch, CancellationToken ct) =>
        (epoch == admission.Key.Epoch && !admission.IsOver(clock.GetUtcNow())) || await IsAsGoodAsync(admission, ct);

    /// <summary>Whether the key is still good, and its owner's rights are the same.</summary>
    private async Task<bool> IsAsGoodAsync(Admission admission, CancellationToken ct)
    {
        await using var row = await ReadAsync(KeyRow, [admission.Key.Id], ct);
        if (!await row.Reader.ReadAsync(ct) || row.Reader.GetBoolean(7) || row.Reader.GetString(6) == AccountStatus.Suspended
            || !admission.Key.Caller.Roles.ToHashSet().SetEquals(row.Reader.GetFieldValue<string[]>(8)))
        {
            return false;
        }

        var now = clock.GetUtcNow();
        var isPresent = row.Reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(admission.Hash);
        var isOutgoing = !row.Reader.IsDBNull(1) && row.Reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(admission.Hash)
            && now < row.Reader.GetFieldValue<DateTimeOffset>(2);
        return row.Reader.GetBoolean(5)
            || ((admission.ByFormerSecret ? isOutgoing : isPresent) && !row.Reader.GetBoolean(4) && row.Reader.GetFieldValue<DateTimeOffset>(3) >= now);
    }

    /// <summary>By them alone an account is shielded from what is done to it.</summary>
    private static HashSet<string> SiteRolesOf(Target target) => [.. target.Roles.Where(role => OrganizationRole.Read(role).Organization is null)];

    private async Task<Rows> ReadAsync(string sql, object[] values, CancellationToken ct)
    {
        var isOurs = session.Connection.State != System.Data.ConnectionState.Open;
        if (isOurs)
        {
            await session.Connection.OpenAsync(ct);
        }

        var command = new NpgsqlCommand(sql, session.Connection);
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return new Rows(command, await command.ExecuteReaderAsync(isOurs ? System.Data.CommandBehavior.CloseConnection : default, ct));
    }

    private sealed record Rows(NpgsqlCommand Command, NpgsqlDataReader Reader) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Reader.DisposeAsync();
            await Command.DisposeAsync();
        }
    }
}
