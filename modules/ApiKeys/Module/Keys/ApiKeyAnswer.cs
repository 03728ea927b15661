using System.Text.Json.Serialization;
using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Json;

namespace Modular.ApiKeys.Keys;

/// <summary>A key as every route shows it; never its secret.</summary>
[AnswerExample(
    """
    {"id":"EDbEdsoQ7U","user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","last_used":"2026-11-26T16:20:54.164139Z",
    "expires_at":"2026-12-03T16:20:54.021163Z","created_at":"2026-11-26T16:20:54.021163Z","updated_at":"2026-11-26T16:20:54.021163Z",
    "login_type":"token","scope":"","scopes":["user:read"],"token_name":"backup","lifetime_seconds":604800,
    "allow_list":[{"type":"*","id":"*"}]}
    """)]
internal record ApiKeyAnswer(
    string Id,
    Guid UserId,
    DateTimeOffset LastUsed,
    DateTimeOffset ExpiresAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string LoginType,
    string Scope,
    IReadOnlyList<string> Scopes,
    string TokenName,
    long LifetimeSeconds,
    IReadOnlyList<AllowListEntry> AllowList)
{
    internal static ApiKeyAnswer Of(ApiKey key) => new(
        key.Id,
        key.UserId,
        key.LastUsed ?? ModularJson.ZeroTime,
        key.ExpiresAt,
        key.CreatedAt,
        key.UpdatedAt,
        key.LoginType,
        LegacyScope(key.Scopes),
        key.Scopes,
        key.TokenName,
        key.LifetimeSeconds,
        Domain.AllowList.OfStored(key.AllowList).Entries);

    /// <summary>The single scope that old clients read.</summary>
    protected static string LegacyScope(IReadOnlyCollection<string> scopes) =>
        scopes.Contains(ScopeCatalog.ApplicationConnect) ? "application_connect"
        : scopes.Contains(ScopeCatalog.All) ? "all"
        : "";
}

/// <summary>A key in a list, with the name of its owner.</summary>
[AnswerExample(
    """
    {"username":"jane-doe","state":"active",
    "id":"EDbEdsoQ7U","user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","last_used":"2026-11-26T16:20:54.164139Z",
    "expires_at":"2026-12-03T16:20:54.021163Z","created_at":"2026-11-26T16:20:54.021163Z","updated_at":"2026-11-26T16:20:54.021163Z",
    "login_type":"token","scope":"","scopes":["user:read"],"token_name":"backup","lifetime_seconds":604800,
    "allow_list":[{"type":"*","id":"*"}]}
    """)]
internal sealed record ApiKeyWithOwnerAnswer : ApiKeyAnswer
{
    internal ApiKeyWithOwnerAnswer(ApiKeyAnswer key, string username, string? state)
        : base(key) => (Username, State) = (username, state);

    public string Username { get; }

    /// <summary><c>active</c>, <c>expired</c> or <c>revoked</c>; left out where the list has only those that are good.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? State { get; }
}

/// <summary>A new key: the only time that its secret is shown.</summary>
[AnswerExample("""{"key":"EDbEdsoQ7U-B3L5VGN28yhUKE4cyqo8sn"}""")]
internal sealed record NewKeyAnswer(string Key)
{
    /// <summary>Keeps the record's generated text from showing the secret in a log.</summary>
    public override string ToString() => nameof(NewKeyAnswer);
}
