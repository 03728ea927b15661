using Modular.ApiKeys.Domain;

namespace Modular.ApiKeys.Features;

/// <summary>A key as every route shows it; never its secret.</summary>
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
        key.LastUsed,
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
internal sealed record ApiKeyWithOwnerAnswer : ApiKeyAnswer
{
    internal ApiKeyWithOwnerAnswer(ApiKeyAnswer key, string username)
        : base(key) => Username = username;

    public string Username { get; }
}

/// <summary>A new key: the only time that its secret is shown.</summary>
internal sealed record NewKeyAnswer(string Key)
{
    /// <summary>Keeps the record's generated text from showing the secret in a log.</summary>
    public override string ToString() => nameof(NewKeyAnswer);
}
