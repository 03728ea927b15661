using Mapster;
using Modular.Preferences.Domain;

namespace Modular.Preferences.Features;

/// <summary>The public half of the pair.</summary>
[AnswerExample(
    """
    {"user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:53.53678Z",
    "public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIPt0Yb6p3O1qVQJ2yC4kSx1nXr7dYy0H8Zt5fWm9uKq\n"}
    """)]
internal sealed record GitSshKeyAnswer(Guid UserId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string PublicKey)
{
    internal static GitSshKeyAnswer Of(GitSshKey key) => key.Adapt<GitSshKeyAnswer>(Shapes.Config);
}

/// <summary>How this module's entities become answers. Strict: a member without a source fails a test, not a request.</summary>
internal static class Shapes
{
    internal static readonly TypeAdapterConfig Config = Make();

    private static TypeAdapterConfig Make()
    {
        var config = new TypeAdapterConfig { RequireDestinationMemberSource = true };
        config.NewConfig<GitSshKey, GitSshKeyAnswer>();
        return config;
    }
}
