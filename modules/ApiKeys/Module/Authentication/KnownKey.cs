using System.Security.Cryptography;

namespace Modular.ApiKeys.Authentication;

/// <summary>A key as it was looked up: the hashes of its secrets, its expiry, and its owner as a caller.</summary>
internal sealed class KnownKey
{
    private int claimed;

    internal required string Id { get; init; }

    internal required byte[] Hash { get; init; }

    internal byte[]? FormerHash { get; init; }

    internal DateTimeOffset FormerUntil { get; init; }

    internal required DateTimeOffset ExpiresAt { get; init; }

    internal required DateTimeOffset? EndsAt { get; init; }

    internal required DateTimeOffset? LastUsed { get; init; }

    internal required TimeSpan Lifetime { get; init; }

    internal required bool IsToken { get; init; }

    internal required Caller Caller { get; init; }

    /// <summary>The owner's <see cref="Domain.KeyOwner.Epoch"/> when the key was looked up.</summary>
    internal required long Epoch { get; init; }

    internal bool IsExpired(DateTimeOffset now) => ExpiresAt < now;

    /// <summary>Which secret has this hash. It takes the same time for each.</summary>
    internal SecretKind Know(byte[] hash, DateTimeOffset now)
    {
        var present = CryptographicOperations.FixedTimeEquals(Hash, hash);
        var former = CryptographicOperations.FixedTimeEquals(FormerHash ?? Hash, hash) && FormerHash is not null;
        return present ? SecretKind.Present
            : !former ? SecretKind.Wrong
            : now < FormerUntil ? SecretKind.Outgoing
            : SecretKind.Former;
    }

    /// <summary>True for one caller: the one that writes this use of the key down.</summary>
    internal bool Claim() => Interlocked.Exchange(ref claimed, 1) == 0;
}

/// <summary>What a secret is to a key.</summary>
internal enum SecretKind
{
    /// <summary>Never was one of the key.</summary>
    Wrong,

    /// <summary>Is good.</summary>
    Present,

    /// <summary>Was good before a rotation, and still is for the overlap.</summary>
    Outgoing,

    /// <summary>Was good before a rotation.</summary>
    Former,
}
