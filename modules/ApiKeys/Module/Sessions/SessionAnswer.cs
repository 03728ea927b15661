using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Json;

namespace Modular.ApiKeys.Sessions;

/// <summary>A session as its owner sees it among the others.</summary>
/// <param name="Id">The key's public id.</param>
/// <param name="LoginType">How its owner logged in.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="LastUsed">The zero time before the first use; then kept to the hour.</param>
/// <param name="ExpiresAt">Unless it is used before.</param>
/// <param name="IpAddress">Of the last use that was written down.</param>
/// <param name="UserAgent">Of the client that logged in.</param>
/// <param name="Current">Whether it is the one that asks.</param>
[AnswerExample(
    """
    {"id":"EDbEdsoQ7U","login_type":"password","created_at":"2026-11-26T16:20:54.021163Z","last_used":"2026-11-26T16:20:54.164139Z",
    "expires_at":"2026-11-27T16:20:54.021163Z","ip_address":"192.0.2.7","user_agent":"curl/8.5.0","current":true}
    """)]
internal sealed record SessionAnswer(
    string Id,
    string LoginType,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUsed,
    DateTimeOffset ExpiresAt,
    string IpAddress,
    string UserAgent,
    bool Current)
{
    internal static SessionAnswer Of(ApiKey key, string currentId) => new(
        key.Id,
        key.LoginType,
        key.CreatedAt,
        key.LastUsed ?? ModularJson.ZeroTime,
        key.ExpiresAt,
        key.IpAddress.ToString(),
        key.UserAgent,
        key.Id == currentId);
}
