using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;

namespace Modular.ApiKeys.Keys;

/// <summary>What every write to a key that is there begins with.</summary>
internal sealed class KeyWriting(ICurrentUser current, CallerCheck check, KeyChanges changes, ApiKeysDbContext db, TimeProvider clock)
{
    /// <summary>The key, locked behind its owner's row, as it is about to change: 404 where it is not there or the caller may not read it, 403 where the caller may not do this to it.</summary>
    /// <param name="id">Its public id.</param>
    /// <param name="permission">What is to be done.</param>
    /// <param name="action">The same, as the audit log calls it.</param>
    /// <param name="ct">The request's.</param>
    internal async Task<Result<ApiKey>> LockAsync(string id, Permission permission, string action, CancellationToken ct)
    {
        var caller = current.Required;
        if (await db.Keys.Where(known => known.Id == id).Select(known => (Guid?)known.UserId).SingleOrDefaultAsync(ct) is not { } ownerId
            || !caller.May(ApiKeyPermissions.Read, owner: ownerId))
        {
            return Error.ResourceNotFound;
        }

        await changes.BeginAsync(ownerId, ct);
        var key = await db.LockKeyAsync(id, ct);
        if (key is null || !caller.May(ApiKeyPermissions.Read, owner: key.UserId))
        {
            return Error.ResourceNotFound;
        }

        return !caller.May(permission, owner: key.UserId) ? Refused<ApiKey>(key, action, Error.NotAllowed)
            : check.UsesFormerSecret ? Refused<ApiKey>(key, action, ApiKeyErrors.FormerSecret)
            : key;
    }

    /// <summary>A refusal that the log is told of, since the caller may read the key.</summary>
    internal Result<T> Refused<T>(ApiKey key, string action, Error error) => Result<T>.Refused(
        error,
        new WriteRefused(new AuditFacts(action, ApiKey.ResourceType, key.UserId, key.TokenName), clock.GetUtcNow()));
}
