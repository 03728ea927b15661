using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Persistence;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Tells every server that what it knows of a key or a user is no longer so: this one before the answer, the others by a notification
/// that the transaction's commit sends. Whoever changes a key or an owner calls it.
/// </summary>
internal sealed class KeyChanges(ApiKeysDbContext db, KeyCache cache, IAfterCommit afterCommit)
{
    internal const string Channel = "modular_keys";

    private const string Everybody = "*";
    private const string KeyPrefix = "key ";
    private const string UserPrefix = "user ";

    internal Task OfKeyAsync(string id, CancellationToken ct) => TellAsync(KeyPrefix + id, ct);

    internal Task OfUserAsync(Guid userId, CancellationToken ct) => TellAsync(UserPrefix + userId, ct);

    internal Task OfEverybodyAsync(CancellationToken ct) => TellAsync(Everybody, ct);

    /// <summary>Drops what a notification is about; everything, where it says nothing that is known here.</summary>
    internal static void Apply(KeyCache cache, string what)
    {
        if (what.StartsWith(KeyPrefix, StringComparison.Ordinal))
        {
            cache.ForgetKey(what[KeyPrefix.Length..]);
        }
        else if (what.StartsWith(UserPrefix, StringComparison.Ordinal) && Guid.TryParse(what.AsSpan(UserPrefix.Length), out var userId))
        {
            cache.ForgetUser(userId);
        }
        else
        {
            cache.ForgetEverything();
        }
    }

    private async Task TellAsync(string what, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"select pg_notify({Channel}, {what})", ct);
        afterCommit.Do(() =>
        {
            Apply(cache, what);
            return Task.CompletedTask;
        });
    }
}
