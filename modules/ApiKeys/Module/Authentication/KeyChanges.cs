using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Persistence;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// What ends a key or changes the rights of an owner says so here. At the end of the transaction the owner's row is locked, so that
/// commands which are under way with its keys end first and later ones wait; its number grows, so that they notice
/// (<see cref="CallerCheck"/>); and every server is told to forget what it knows: this one before the answer, the others by a notification
/// that the commit sends.
/// </summary>
internal sealed class KeyChanges(ApiKeysDbContext db, KeyCache cache, CallerCheck caller, IBeforeCommit beforeCommit, IAfterCommit afterCommit)
{
    internal const string Channel = "modular_keys";

    private const string Everybody = "*";
    private const string UserPrefix = "user ";

    private readonly HashSet<Guid> users = [];
    private string? membership;

    /// <summary>The keys of a user, or the user's rights, change at the end of this transaction, by this work.</summary>
    internal void OfUser(Guid userId, Func<CancellationToken, Task> change)
    {
        users.Add(userId);
        beforeCommit.Do(EndAsync);
        beforeCommit.Do(change);
    }

    /// <summary>
    /// The same at once, for a command that locks nothing before it, and takes the keys' rows after it: nothing waits in a ring for one
    /// that holds them in the other order.
    /// </summary>
    internal Task BeginAsync(Guid userId, CancellationToken ct)
    {
        users.Add(userId);
        return EndAsync(ct);
    }

    /// <summary>The rights of all members of an organization are going to change, by work that is registered for the end after this.</summary>
    /// <param name="role">The full name of the role that every member holds.</param>
    internal void OfMembers(string role)
    {
        membership = role;
        beforeCommit.Do(EndAsync);
    }

    /// <summary>Drops what a notification is about; everything, where it says nothing that is known here.</summary>
    internal static void Apply(KeyCache cache, string what)
    {
        if (what.StartsWith(UserPrefix, StringComparison.Ordinal) && Guid.TryParse(what.AsSpan(UserPrefix.Length), out var userId))
        {
            cache.ForgetUser(userId);
        }
        else
        {
            cache.ForgetEverything();
        }
    }

    /// <summary>
    /// The caller's own row too, and all in the order of their ids: two who end each other's keys do not wait for each other in a ring.
    /// </summary>
    private async Task EndAsync(CancellationToken ct)
    {
        Guid[] ended = [.. users];
        Guid[] held = caller.CallerId is { } id ? [.. users, id] : ended;
        string[] told = membership is null ? [.. users.Select(user => UserPrefix + user)] : [Everybody];
        var epochs = await (membership is null
            ? db.Database.SqlQuery<long?>(
                $"""
                with held as (select user_id, epoch from api_keys.owners where user_id = any ({held}) order by user_id for update),
                    ended as (update api_keys.owners o set epoch = o.epoch + 1 from held where o.user_id = held.user_id and held.user_id = any ({ended}))
                select (select epoch from held where user_id = {caller.CallerId}) as "Value", (select count(pg_notify({Channel}, what)) from unnest({told}) what)
                """)
            : db.Database.SqlQuery<long?>(
                $"""
                with held as (
                        select user_id, epoch, organization_roles @> array[{membership}] or user_id = any ({ended}) as ends from api_keys.owners
                        where organization_roles @> array[{membership}] or user_id = any ({held}) order by user_id for update),
                    ended as (update api_keys.owners o set epoch = o.epoch + 1 from held where o.user_id = held.user_id and held.ends)
                select (select epoch from held where user_id = {caller.CallerId}) as "Value", (select count(pg_notify({Channel}, what)) from unnest({told}) what)
                """)).ToListAsync(ct);
        users.Clear();
        membership = null;
        await caller.HoldAsync(epochs[0], ct);
        afterCommit.Do(() =>
        {
            foreach (var what in told)
            {
                Apply(cache, what);
            }

            return Task.CompletedTask;
        });
    }
}
