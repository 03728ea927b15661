using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;

namespace Modular.ApiKeys.Keys;

/// <summary>What is asked for; what is null or empty is the calling key's, the server's default or drawn.</summary>
internal sealed record WantedKey(string Name, TimeSpan? Lifetime, IReadOnlyList<string> Scopes, AllowList? AllowList, bool IsToken);

/// <summary>Makes sessions and tokens with the key that asks: never one that may do more than itself, or outlives its sign-in.</summary>
internal sealed class KeyMaking(
    ICurrentUser current,
    CallerCheck check,
    IRequestOrigin origin,
    ScopeCatalog catalog,
    TokenSettings settings,
    ApiKeysDbContext db,
    IIntegrationEvents events,
    TimeProvider clock)
{
    /// <summary>Makes the key. The owner's row is locked already.</summary>
    internal async Task<Result<NewKeyAnswer>> MakeAsync(Guid userId, WantedKey wanted, CancellationToken ct)
    {
        var caller = current.Required;
        var mine = (KeyRestrictions)caller.Restrictions;
        var scopes = wanted.Scopes is { Count: > 0 } asked ? asked : mine.Scopes;
        var allowList = wanted.AllowList ?? mine.AllowList;
        if (!caller.May(ApiKeyPermissions.Create, owner: userId))
        {
            return Refused(Error.NotAllowed);
        }

        if (check.UsesFormerSecret)
        {
            return Refused(ApiKeyErrors.FormerSecret);
        }

        if (Coverage.Missing(catalog, mine, scopes, allowList) is { } tooMuch)
        {
            return Refused(ApiKeyErrors.NotCovered(tooMuch));
        }

        var asking = await db.Keys
            .Where(key => key.Id == caller.KeyId)
            .Select(key => new { key.LoginType, key.EndsAt })
            .SingleOrDefaultAsync(ct) ?? throw new CallerChangedException(); // It has been deleted meanwhile.

        var taken = await db.Keys.Where(key => key.UserId == userId).Select(key => new { key.TokenName, key.LoginType }).ToListAsync(ct);
        if (taken.Count >= settings.KeysPerUser)
        {
            return ApiKeyErrors.TooMany(settings.KeysPerUser);
        }

        var isOwn = userId == caller.UserId;
        var loginType = wanted.IsToken || !mine.HoldsEverything || asking.LoginType == ApiKey.TokenLoginType ? ApiKey.TokenLoginType
            : isOwn ? asking.LoginType
            : ApiKey.PasswordLoginType;
        var name = wanted.Name;
        while (loginType == ApiKey.TokenLoginType
            && (name.Length == 0 || taken.Any(key => key.LoginType == ApiKey.TokenLoginType && key.TokenName == name)))
        {
            if (wanted.Name.Length > 0)
            {
                return ApiKeyErrors.NameTaken;
            }

            name = GeneratedTokenName.Draw();
        }

        var now = clock.GetUtcNow();
        var end = !mine.HoldsEverything ? mine.ExpiresAt
            : loginType == ApiKey.TokenLoginType ? null
            : isOwn ? asking.EndsAt
            : now + settings.SessionAbsoluteLifetime;
        var secret = KeySecret.Draw();
        var made = ApiKey.Make(
            secret, userId, loginType, name, wanted.Lifetime ?? settings.DefaultLifetime, end, scopes, allowList, wanted.IsToken ? null : origin.Current, now);
        db.Keys.Add(made);
        await db.SaveChangesAsync(ct);
        await events.PublishAsync(
            new KeyCreated(
                new AuditFacts(AuditAction.Create, ApiKey.ResourceType, userId, name) { Diff = ApiKey.AuditShape.Diff(before: null, made) },
                now),
            ct);
        return new NewKeyAnswer(secret.Text);

        Result<NewKeyAnswer> Refused(Error error) => Result<NewKeyAnswer>.Refused(
            error,
            new WriteRefused(new AuditFacts(AuditAction.Create, ApiKey.ResourceType, userId, wanted.Name), clock.GetUtcNow()));
    }

    internal sealed record KeyCreated(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
