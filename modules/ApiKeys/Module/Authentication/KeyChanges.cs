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

    private async Task EndAsync(CancellationToken ct)
    {
        Guid[] ended = [.. users];
        string[] told = membership is null ? [.. users.Select(user => UserPrefix + user)] : [Everybody];
        var epoch = membership is null
            ? await db.GrowEpochsAsync(ended, caller.CallerId, Channel, told, ct)
            : await db.GrowEpochsOfMembersAsync(membership, ended, caller.CallerId, Channel, told, ct);
        users.Clear();
        membership = null;
        await caller.HoldAsync(epoch, ct);
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
