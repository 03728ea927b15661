using System.Net;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Persistence;

namespace Modular.ApiKeys.Domain;

/// <summary>A login session or a token: a public id, the hash of a secret, and what its holder may do with it.</summary>
internal sealed class ApiKey
{
    internal const string ResourceType = "api_key";

    internal const string TokenLoginType = "token";

    /// <summary>Of a session that was made for another user.</summary>
    internal const string PasswordLoginType = "password";

    internal static readonly AuditShape<ApiKey> AuditShape = new AuditShape<ApiKey>()
        .Shows("user_id", k => k.UserId)
        .Shows("last_used", k => k.LastUsed ?? ModularJson.ZeroTime)
        .Shows("expires_at", k => k.ExpiresAt)
        .Shows("created_at", k => k.CreatedAt)
        .Ignores(
            "id", "hashed_secret", "updated_at", "login_type", "lifetime_seconds", "ip_address", "scopes", "allow_list", "token_name", "ends_at",
            "user_agent", "revoked_at", "former_hash", "former_until", "former_use_told_at", "noticed_days");

    private ApiKey()
    {
    }

    private ApiKey(string id, byte[] hash, Guid userId, string loginType, TimeSpan lifetime, DateTimeOffset? end, DateTimeOffset now)
    {
        (Id, HashedSecret, UserId, LoginType) = (id, hash, userId, loginType);
        (CreatedAt, UpdatedAt) = (now, now);
        LifetimeSeconds = (long)lifetime.TotalSeconds;
        EndsAt = end;
        ExpiresAt = end is { } last ? Earlier(now + lifetime, last) : now + lifetime;
    }

    public string Id { get; private set; } = "";

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] HashedSecret { get; private set; } = [];

    public Guid UserId { get; private set; }

    /// <summary>Null until the first use; then written at most once an hour.</summary>
    public DateTimeOffset? LastUsed { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>No use moves the expiry past this; null where nothing ends the key but its expiry.</summary>
    public DateTimeOffset? EndsAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>How its owner logged in, or <c>token</c>.</summary>
    public string LoginType { get; private set; } = "";

    public long LifetimeSeconds { get; private set; }

    public IPAddress IpAddress { get; private set; } = IPAddress.Any;

    /// <summary>Empty for login sessions.</summary>
    public string TokenName { get; private set; } = "";

    public List<string> Scopes { get; private set; } = [];

    /// <summary>Entries <c>type:id</c>, never empty.</summary>
    public List<string> AllowList { get; private set; } = [];

    /// <summary>The client that the key was made with.</summary>
    public string UserAgent { get; private set; } = "";

    /// <summary>When the key was deleted; its row stays for the retention time, so that its holder can be told.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>SHA-256 of the secret before the last rotation.</summary>
    public byte[]? FormerHash { get; private set; }

    /// <summary>Until when the former secret is good too.</summary>
    public DateTimeOffset? FormerUntil { get; private set; }

    /// <summary>When the log was last told that the former secret is still in use.</summary>
    public DateTimeOffset? FormerUseToldAt { get; private set; }

    /// <summary>The days before the end of which the log has been told last; 0 for none.</summary>
    public int NoticedDays { get; private set; }

    /// <summary>Of a login: it ends for good with the absolute lifetime of sessions.</summary>
    internal static ApiKey ForLogin(
        string id, byte[] hash, Guid userId, string loginType, TimeSpan lifetime, TimeSpan absoluteLifetime, RequestOrigin origin, DateTimeOffset now) =>
        new(id, hash, userId, loginType, lifetime, now + absoluteLifetime, now)
        {
            Scopes = [ScopeCatalog.All],
            AllowList = [.. Domain.AllowList.Everything.Texts],
            IpAddress = origin.Ip ?? IPAddress.Any,
            UserAgent = origin.UserAgent,
        };

    /// <summary>A key made with another key.</summary>
    /// <param name="secret">Its id and the hash of its secret.</param>
    /// <param name="userId">Whose it is.</param>
    /// <param name="loginType">How its owner logged in, or <see cref="TokenLoginType"/>.</param>
    /// <param name="name">Empty for sessions.</param>
    /// <param name="lifetime">From now, and after each use where uses prolong it.</param>
    /// <param name="end">Which no use passes; null for none.</param>
    /// <param name="scopes">By their full names.</param>
    /// <param name="allowList">In normal form.</param>
    /// <param name="origin">Null for tokens, which are used elsewhere than they are made.</param>
    /// <param name="now">The time.</param>
    internal static ApiKey Make(
        KeySecret secret,
        Guid userId,
        string loginType,
        string name,
        TimeSpan lifetime,
        DateTimeOffset? end,
        IEnumerable<string> scopes,
        AllowList allowList,
        RequestOrigin? origin,
        DateTimeOffset now) => new(secret.Id, secret.Hash, userId, loginType, lifetime, end, now)
        {
            TokenName = name,
            Scopes = [.. scopes],
            AllowList = [.. allowList.Texts],
            IpAddress = origin?.Ip ?? IPAddress.Any,
            UserAgent = origin?.UserAgent ?? "",
        };

    internal bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>In one word for people who look after their keys.</summary>
    internal string StateAt(DateTimeOffset now) => RevokedAt is not null ? "revoked" : IsExpired(now) ? "expired" : "active";

    internal void Expire(DateTimeOffset now) => ExpiresAt = now;

    internal void Notice(int days) => NoticedDays = days;

    /// <summary>What the key could do is of no use to its tombstone, and may be long.</summary>
    internal void Revoke(DateTimeOffset now) => (RevokedAt, Scopes, AllowList) = (now, [], [.. Domain.AllowList.Everything.Texts]);

    /// <summary>Gives the key another secret; the one before stays good for a while, those before it do not.</summary>
    internal void Rotate(byte[] hash, TimeSpan overlap, DateTimeOffset now) =>
        (FormerHash, FormerUntil, FormerUseToldAt, HashedSecret, UpdatedAt) = (HashedSecret, now + overlap, null, hash, now);

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

/// <summary>What this module keeps of a user, fed by events: enough to decide a request, and the guard row that writes lock.</summary>
internal sealed class KeyOwner : Owner
{
    public string Username { get; init; } = "";

    public string Status { get; init; } = "";

    public List<string> Roles { get; init; } = [];

    /// <summary>Full names of the roles in organizations, those implied by a membership among them.</summary>
    public List<string> OrganizationRoles { get; init; } = [];

    /// <summary>Grows with everything that ends one of the owner's keys or changes the owner's rights.</summary>
    public long Epoch { get; init; }
}
