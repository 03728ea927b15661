using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using Npgsql;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Finds the caller of a request by the key it presents: in the cache, else by one query on this module's own tables. Whatever is
/// wrong, the message is the same; an unknown id and a wrong secret are told apart by nothing.
/// </summary>
internal sealed class KeyAuthenticator(
    NpgsqlDataSource dataSource,
    ScopeCatalog scopes,
    PermissionTable permissions,
    TokenSettings settings,
    SessionCookie cookie,
    IAccessUrl accessUrl,
    KeyCache cache,
    KeyUseRecorder recorder,
    TimeProvider clock) : IAuthenticator
{
    private const string Message = "You need to be signed in, or to present a valid key.";

    private static readonly Refusal missing = new(
        "Send a key in the header Coder-Session-Token, as a Bearer token or in the session cookie.", "No key was presented.");

    private static readonly Refusal wrong = new("The key is malformed, unknown or wrong. Sign in again, or make a new token.", "The key is not valid.");

    private static readonly Refusal untried = new("Too many wrong keys came from this address. Wait a minute.", "The key was not looked at.");

    /// <summary>The detail is compared by clients and must not change.</summary>
    private static readonly Refusal expired = new("API key expired", "The key has expired.");

    private static readonly Refusal revoked = new("The key has been deleted. Sign in again, or make a new token.", "The key has been revoked.");

    private static readonly Refusal replaced = new(
        "The key has been given another secret, and this one is no longer good. Use the new one.", "The secret of the key has been replaced.");

    private static readonly Refusal suspended = new(
        "The account is suspended. Contact an administrator of this server.", "The owner of the key is suspended.");

    public async Task PrecheckAsync(HttpContext http, Func<bool> mayLookUp)
    {
        cookie.RemoveUnprefixed(http);
        var (admission, refusal) = await FindAsync(http, isUse: true, mayLookUp);
        if (admission is not null)
        {
            Remember(http, admission);
        }
        else
        {
            http.Features.Set(refusal);
        }
    }

    public async Task<bool> RequireAsync(HttpContext http)
    {
        if (http.Features.Get<Caller>() is not { } caller)
        {
            await ResultHttp.Refusal(ErrorOf(http.Features.Get<Refusal>() ?? missing)).ExecuteAsync(http);
            return false;
        }

        if (caller.Status != AccountStatus.Dormant)
        {
            return true;
        }

        await http.RequestServices.GetRequiredService<IMediator>().Send(new WakeDormantOwner.Command(caller.UserId), http.RequestAborted);
        if ((await FindAgainAsync(http)).Error is { } ended)
        {
            await ResultHttp.Refusal(ended).ExecuteAsync(http);
            return false;
        }

        return true;
    }

    public async Task<Result<Caller>> FindAgainAsync(HttpContext http)
    {
        var (admission, refusal) = await FindAsync(http, isUse: false, () => true);
        if (admission is null)
        {
            return ErrorOf(refusal!);
        }

        var caller = admission.Key.Caller;
        if (!ReferenceEquals(caller, http.Features.Get<Caller>()))
        {
            Remember(http, admission);
            if (http.Features.Get<Target>() is { } before)
            {
                var target = await http.RequestServices.GetRequiredService<IUserDirectory>().ResolveAsync(
                    caller, (string)http.GetRouteValue("user")!, http.RequestAborted);
                if (target?.Id != before.Id)
                {
                    return Error.ResourceNotFound; // Not to be read any more, or another user has the name now.
                }

                http.Features.Set(target);
            }
        }

        // The edge's check of the route's permissions is repeated, unless the user in the path has not been resolved yet: then the edge is
        // still going to make it.
        var route = http.GetEndpoint()?.Metadata;
        var mayBeAsked = http.Features.Get<Target>() is not null || route?.GetMetadata<TargetsUser>() is null;
        return mayBeAsked && route?.GetMetadata<RouteAccess>()?.FindError(caller, http.Features.Get<Target>()) is { } error ? error : caller;
    }

    private static void Remember(HttpContext http, Admission admission)
    {
        http.Features.Set(admission);
        http.Features.Set(admission.Key.Caller);
    }

    private async Task<(Admission? Admission, Refusal? Refusal)> FindAsync(HttpContext http, bool isUse, Func<bool> mayLookUp)
    {
        if (PresentedKey.Find(http.Request, cookie.Name, settings.AllowQueryParameter) is not { } text)
        {
            return (null, missing);
        }

        if (PresentedKey.Parse(text) is not { } presented)
        {
            return (null, wrong);
        }

        var now = clock.GetUtcNow();
        var hash = KeySecret.HashOf(presented.Secret);
        var key = cache.Find(presented.Id);
        if (key is null || key.IsExpired(now) || key.Know(hash, now) is not (SecretKind.Present or SecretKind.Outgoing))
        {
            if (!mayLookUp())
            {
                return (null, untried);
            }

            var changes = cache.Changes;
            var found = await LookUpAsync(presented.Id, http.RequestAborted);
            if (await RefusalAsync(found, hash, now, isUse ? http : null) is { } refusal)
            {
                if (refusal == suspended && isUse)
                {
                    recorder.Note(found!.Key, http.Connection.RemoteIpAddress, now); // The key was used, though for nothing.
                }

                return (null, refusal);
            }

            key = found!.Key;
            if (key.Caller.Status == AccountStatus.Active)
            {
                cache.Keep(key, changes);
            }
        }

        if (isUse)
        {
            recorder.Note(key, http.Connection.RemoteIpAddress, now);
        }

        return (new Admission(key, hash, ByFormerSecret: key.Know(hash, now) == SecretKind.Outgoing), null);
    }

    /// <summary>Why the key does not let its holder in; what is wrong with a key is told only to a request that has its secret.</summary>
    /// <param name="found">The key, if there is one.</param>
    /// <param name="hash">Of the secret that was presented.</param>
    /// <param name="now">The time.</param>
    /// <param name="user">The request that uses the key; null where the key is only judged again.</param>
    private static async Task<Refusal?> RefusalAsync(Found? found, byte[] hash, DateTimeOffset now, HttpContext? user)
    {
        if (found is null)
        {
            // An unknown id costs as much as a known one with another secret.
            CryptographicOperations.FixedTimeEquals(hash, KeySecret.HashOf(""));
            return wrong;
        }

        switch (found.Key.Know(hash, now))
        {
            case SecretKind.Wrong:
                return wrong;
            case SecretKind.Former:
                if (user is not null)
                {
                    await user.RequestServices.GetRequiredService<IMediator>().Send(new RecordFormerSecret.Command(found.Key.Id), user.RequestAborted);
                }

                return replaced;
            default:
                return found.IsRevoked ? revoked
                    : found.Key.IsExpired(now) ? expired
                    : found.Key.Caller.Status == AccountStatus.Suspended ? suspended
                    : null;
        }
    }

    private async Task<Found?> LookUpAsync(string id, CancellationToken ct)
    {
        if (await dataSource.FindKeyAsync(id, ct) is not { } stored)
        {
            return null;
        }

        var restrictions = new KeyRestrictions(stored.Scopes, scopes.Expand(stored.Scopes), AllowList.OfStored(stored.AllowList), stored.ExpiresAt);
        var key = new KnownKey
        {
            Id = id,
            Hash = stored.HashedSecret,
            ExpiresAt = stored.ExpiresAt,
            EndsAt = stored.EndsAt,
            LastUsed = stored.LastUsed,
            Lifetime = TimeSpan.FromSeconds(stored.LifetimeSeconds),
            IsToken = stored.LoginType == ApiKey.TokenLoginType,
            FormerHash = stored.FormerHash,
            FormerUntil = stored.FormerUntil ?? default,
            Caller = new Caller(permissions, restrictions)
            {
                UserId = stored.OwnerId,
                Username = stored.Username,
                Roles = stored.Roles,
                KeyId = id,
                Status = stored.Status,
            },
            Epoch = stored.Epoch,
        };
        return new Found(key, stored.IsRevoked);
    }

    private Error ErrorOf(Refusal refusal) => new(ErrorKind.Unauthenticated, "api_keys.refused", Message, refusal.Detail)
    {
        Challenge = accessUrl.Challenge("invalid_token", refusal.Description),
    };

    /// <param name="Key">As it stands.</param>
    /// <param name="IsRevoked">Whether it was deleted, or its owner.</param>
    private sealed record Found(KnownKey Key, bool IsRevoked);

    /// <summary>Why there is no caller: in the body, and in the header.</summary>
    private sealed record Refusal(string Detail, string Description);
}
