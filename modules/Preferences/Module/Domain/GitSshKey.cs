namespace Modular.Preferences.Domain;

/// <summary>The key pair that a user's Git works with. The private half never leaves in clear, neither to clients nor into the database.</summary>
internal sealed class GitSshKey
{
    internal const string ResourceType = "git_ssh_key";

    internal static readonly AuditShape<GitSshKey> AuditShape = new AuditShape<GitSshKey>()
        .Shows("public_key", key => key.PublicKey)
        .Masks("private_key", key => key.PrivateKey, empty: "")
        .Ignores("user_id", "created_at", "updated_at");

    private GitSshKey()
    {
    }

    internal GitSshKey(Guid userId, SealedSshKeyPair pair, DateTimeOffset now)
    {
        UserId = userId;
        CreatedAt = now;
        Replace(pair, now);
    }

    public Guid UserId { get; private set; }

    public string PublicKey { get; private set; } = "";

    /// <summary>Encrypted.</summary>
    public string PrivateKey { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    internal void Replace(SealedSshKeyPair pair, DateTimeOffset now)
    {
        PublicKey = pair.PublicKey;
        PrivateKey = pair.PrivateKey;
        UpdatedAt = now;
    }
}

/// <summary>A key pair as it is stored: the private half is encrypted.</summary>
internal sealed record SealedSshKeyPair(string PublicKey, string PrivateKey)
{
    /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
    public override string ToString() => nameof(SealedSshKeyPair);
}
