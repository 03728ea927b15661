using System.Net;
using Modular.ApiKeys.Domain;

namespace Modular.ApiKeys.Persistence;

internal static class Revocation
{
    /// <summary>Deletes keys, as <see cref="ApiKey.Revoke"/> does one.</summary>
    internal static Task<int> RevokeAsync(this IQueryable<ApiKey> keys, DateTimeOffset now, CancellationToken ct)
    {
        List<string> nothing = [];
        List<string> everything = [.. AllowList.Everything.Texts];
        return keys.ExecuteUpdateAsync(
            set => set.SetProperty(key => key.RevokedAt, now).SetProperty(key => key.Scopes, nothing).SetProperty(key => key.AllowList, everything), ct);
    }

    /// <summary>Deletes all keys of a user who is gone: ids and hashes stay for the retention time, so that a holder is told, and nothing else.</summary>
    internal static Task<int> RevokeAndEmptyAsync(this ApiKeysDbContext db, Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        List<string> nothing = [];
        List<string> everything = [.. AllowList.Everything.Texts];
        return db.Keys.IgnoreQueryFilters().Where(key => key.UserId == userId).ExecuteUpdateAsync(
            set => set
                .SetProperty(key => key.RevokedAt, key => key.RevokedAt ?? now)
                .SetProperty(key => key.TokenName, "")
                .SetProperty(key => key.UserAgent, "")
                .SetProperty(key => key.IpAddress, IPAddress.Any)
                .SetProperty(key => key.Scopes, nothing)
                .SetProperty(key => key.AllowList, everything)
                .SetProperty(key => key.LastUsed, (DateTimeOffset?)null)
                .SetProperty(key => key.FormerHash, (byte[]?)null)
                .SetProperty(key => key.FormerUntil, (DateTimeOffset?)null)
                .SetProperty(key => key.FormerUseToldAt, (DateTimeOffset?)null),
            ct);
    }
}
