using System.Net;
using Modular.SharedKernel.Messaging;

namespace Modular.ApiKeys.Domain;

/// <summary>A login session or a token: a public id, the hash of a secret, and what its holder may do with it.</summary>
internal sealed class ApiKey
{
    internal const string TokenLoginType = "token";

    internal static readonly AuditShape<ApiKey> AuditShape = new AuditShape<ApiKey>()
        .Shows("user_id", k => k.UserId)
        .Shows("last_used", k => k.LastUsed)
        .Shows("expires_at", k => k.ExpiresAt)
        .Shows("created_at", k => k.CreatedAt)
        .Ignores(
            "id", "hashed_secret", "updated_at", "login_type", "lifetime_seconds", "ip_address", "scopes", "allow_list", "token_name", "ends_at");

    private ApiKey()
    {
    }

    public string Id { get; private set; } = "";

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] HashedSecret { get; private set; } = [];

    public Guid UserId { get; private set; }

    /// <summary>The zero time until the first use; then written at most once an hour.</summary>
    public DateTimeOffset LastUsed { get; private set; }

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

    internal bool IsToken => LoginType == TokenLoginType;

    internal static ApiKey ForLogin(
        string id, byte[] hash, Guid userId, string loginType, TimeSpan lifetime, TimeSpan absoluteLifetime, IPAddress? ip, DateTimeOffset now) => new()
        {
            Id = id,
            HashedSecret = hash,
            UserId = userId,
            LoginType = loginType,
            CreatedAt = now,
            UpdatedAt = now,
            LifetimeSeconds = (long)lifetime.TotalSeconds,
            EndsAt = now + absoluteLifetime,
            ExpiresAt = Earlier(now + lifetime, now + absoluteLifetime),
            IpAddress = ip ?? IPAddress.Any,
            Scopes = [ScopeCatalog.All],
            AllowList = [.. Domain.AllowList.Everything.Texts],
        };

    internal static ApiKey ForToken(
        string id, byte[] hash, Guid userId, string name, TimeSpan lifetime, DateTimeOffset? cap, IEnumerable<string> scopes, AllowList allowList,
        DateTimeOffset now) => new()
        {
            Id = id,
            HashedSecret = hash,
            UserId = userId,
            LoginType = TokenLoginType,
            TokenName = name,
            CreatedAt = now,
            UpdatedAt = now,
            LifetimeSeconds = (long)lifetime.TotalSeconds,
            EndsAt = cap,
            ExpiresAt = cap is { } end ? Earlier(now + lifetime, end) : now + lifetime,
            Scopes = [.. scopes],
            AllowList = [.. allowList.Texts],
        };

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

/// <summary>What this module keeps of a user, fed by events: enough to decide a request, and the guard that writes lock.</summary>
internal sealed class KeyOwner
{
    public Guid UserId { get; init; }

    public string Username { get; init; } = "";

    public string Status { get; init; } = "";

    public List<string> Roles { get; init; } = [];

    /// <summary>Full names of the roles in organizations, those implied by a membership among them.</summary>
    public List<string> OrganizationRoles { get; init; } = [];

    public bool Deleted { get; init; }
}
