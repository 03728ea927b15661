using Modular.Preferences.Domain;

namespace Modular.Preferences.Features;

/// <summary>The half of the pair that is nobody's secret.</summary>
[AnswerExample(
    """
    {"user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:53.53678Z",
    "public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIPt0Yb6p3O1qVQJ2yC4kSx1nXr7dYy0H8Zt5fWm9uKq\n"}
    """)]
internal sealed record GitSshKeyAnswer(Guid UserId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string PublicKey)
{
    internal static GitSshKeyAnswer Of(GitSshKey key) => new(key.UserId, key.CreatedAt, key.UpdatedAt, key.PublicKey);
}
