namespace Modular.ApiKeys.Persistence;

/// <summary>
/// Owners' numbers grow when their keys end or their rights change. Each statement locks the rows against commands that are under way with
/// such keys, in the order of their ids, so that two who end each other's keys do not wait for each other in a ring; it tells other servers
/// by notifications that the commit sends, and answers the caller's number from before; null where there is no caller, or none any more.
/// </summary>
internal static class Epochs
{
    /// <summary>Of the users.</summary>
    /// <param name="db">In the command's transaction.</param>
    /// <param name="ended">Their numbers grow.</param>
    /// <param name="callerId">Locked too.</param>
    /// <param name="channel">On which is told.</param>
    /// <param name="told">What.</param>
    /// <param name="ct">The request's.</param>
    internal static async Task<long?> GrowEpochsAsync(
        this ApiKeysDbContext db, Guid[] ended, Guid? callerId, string channel, string[] told, CancellationToken ct)
    {
        Guid[] held = callerId is { } id ? [.. ended, id] : ended;
        var epochs = await db.Database.SqlQuery<long?>(
            $"""
            with held as (select user_id, epoch from api_keys.owners where user_id = any ({held}) order by user_id for update),
                ended as (update api_keys.owners o set epoch = o.epoch + 1 from held where o.user_id = held.user_id and held.user_id = any ({ended}))
            select (select epoch from held where user_id = {callerId}) as "Value", (select count(pg_notify({channel}, what)) from unnest({told}) what)
            """).ToListAsync(ct);
        return epochs[0];
    }

    /// <summary>Of the users, and of all who hold the organization role.</summary>
    /// <inheritdoc cref="GrowEpochsAsync"/>
    internal static async Task<long?> GrowEpochsOfMembersAsync(
        this ApiKeysDbContext db, string role, Guid[] ended, Guid? callerId, string channel, string[] told, CancellationToken ct)
    {
        Guid[] held = callerId is { } id ? [.. ended, id] : ended;
        var epochs = await db.Database.SqlQuery<long?>(
            $"""
            with held as (
                    select user_id, epoch, organization_roles @> array[{role}] or user_id = any ({ended}) as ends from api_keys.owners
                    where organization_roles @> array[{role}] or user_id = any ({held}) order by user_id for update),
                ended as (update api_keys.owners o set epoch = o.epoch + 1 from held where o.user_id = held.user_id and held.ends)
            select (select epoch from held where user_id = {callerId}) as "Value", (select count(pg_notify({channel}, what)) from unnest({told}) what)
            """).ToListAsync(ct);
        return epochs[0];
    }
}
