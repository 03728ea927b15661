using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NSec.Cryptography;

namespace Modular.Users.SignIn.Domain;

/// <summary>What checking a password against a stored hash found.</summary>
internal enum PasswordVerdict
{
    NoMatch,
    Match,

    /// <summary>The right password, stored at other parameters than today's: hash it anew and store that.</summary>
    MatchNeedsRehash,
}

/// <summary>
/// Hashes passwords by argon2id, stored as PHC strings, and checks them against those of other systems too
/// (<see cref="ForeignHash"/>). Each runs in the queue of costly work, where it takes a processor and 19 MiB while it lasts; a check that
/// costs more than that one after another in a queue of its own. In both networks take turns (<see cref="NetworkTurns"/>). Passwords are
/// hashed in their normal form (<see cref="PasswordRules.Normalize"/>); another system may have hashed them as they were typed.
/// </summary>
internal sealed class PasswordHasher : IDisposable
{
    /// <summary>Half a minute of usual hashes of others, of which one takes a quarter of a second to a second.</summary>
    internal const int ForeignPlacesOfANetwork = 8;

    internal const int ForeignPlaces = 32 * ForeignPlacesOfANetwork;

    /// <summary>Some ten seconds of hashes of ours.</summary>
    internal const int PlacesOfANetwork = 512;

    internal const int Places = 32 * PlacesOfANetwork;

    // OWASP's recommendation for one lane, which is all that NSec computes.
    private const int MemoryKiB = 19_456;
    private const int Passes = 2;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    private readonly CostlyWork queue;
    private readonly CostlyWork foreignQueue = new(new CostlyWorkSettings(1));
    private readonly NetworkTurns turns;
    private readonly NetworkTurns foreignTurns = new(ForeignPlaces, ForeignPlacesOfANetwork, atOnce: 1);
    private readonly Derivation derive;

    // Public, since the container calls no other.
    public PasswordHasher(CostlyWork queue, CostlyWorkSettings settings)
        : this(queue, settings, Argon2)
    {
    }

    /// <summary>Lets a test see, and hold, each derivation.</summary>
    internal PasswordHasher(CostlyWork queue, CostlyWorkSettings settings, Derivation derive)
    {
        this.queue = queue;
        turns = new NetworkTurns(Places, PlacesOfANetwork, settings.AtOnce);
        this.derive = derive;
    }

    /// <summary>Fills the hash from the password. Memory in KiB.</summary>
    internal delegate void Derivation(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int memory, int passes, Span<byte> hash);

    private delegate T Work<out T>(ReadOnlySpan<byte> password);

    /// <summary>A PHC string with a new salt at today's parameters. Cancellation counts until the hash has begun.</summary>
    internal async Task<string> HashAsync(string password, CancellationToken ct)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = await DeriveAsync(PasswordRules.Normalize(password), salt, MemoryKiB, Passes, HashBytes, isCostly: false, ct);
        return new Argon2Phc(MemoryKiB, Passes, salt, hash).ToString();
    }

    /// <summary>
    /// A place in line for a password that is to be checked, held until the check is over; null where too many wait. A network that has all
    /// of its places for costly checks gets none for others either: otherwise the answer would tell which accounts have a costly hash.
    /// </summary>
    /// <param name="stored">The account's hash, if there is one.</param>
    /// <param name="network">The client's.</param>
    internal NetworkTurns.Place? TakePlace(string? stored, string network) =>
        IsCostly(stored) ? foreignTurns.TakePlace(network)
        : foreignTurns.HasPlaceFor(network) ? turns.TakePlace(network)
        : null;

    /// <summary>
    /// Checks a password. Without a hash, or with one that cannot be read or costs too much, the time of a hash is spent and the
    /// answer is always no: neither the time nor any word tells whether there is one. One hash, at today's parameters; a hash at other
    /// parameters or of another system costs its own check, a second one where the password was not typed in its normal form, and one
    /// more at today's parameters, here when the password is wrong and at the caller's rehash when it is right.
    /// </summary>
    internal async Task<PasswordVerdict> VerifyAsync(string? stored, string password, CancellationToken ct)
    {
        var normal = PasswordRules.Normalize(password);
        var own = Argon2Phc.Read(stored);
        if (own is { MemoryKiB: MemoryKiB, Passes: Passes, Hash.Length: HashBytes })
        {
            return await MatchesAsync(own, normal, ct) ? PasswordVerdict.Match : PasswordVerdict.NoMatch;
        }

        Func<string, Task<bool>>? matches = own is not null ? text => MatchesAsync(own, text, ct)
            : ForeignHash.Read(stored) is { } other ? text => InASlotAsync(text, other.Matches, isCostly: true, ct)
            : null;
        if (matches is not null && (await matches(password) || (normal != password && await matches(normal))))
        {
            return PasswordVerdict.MatchNeedsRehash;
        }

        await DeriveAsync(normal, new byte[SaltBytes], MemoryKiB, Passes, HashBytes, isCostly: false, ct);
        return PasswordVerdict.NoMatch;
    }

    public void Dispose() => foreignQueue.Dispose();

    private async Task<bool> MatchesAsync(Argon2Phc stored, string password, CancellationToken ct)
    {
        var hash = await DeriveAsync(password, stored.Salt, stored.MemoryKiB, stored.Passes, stored.Hash.Length, IsCostly(stored), ct);
        var matches = CryptographicOperations.FixedTimeEquals(hash, stored.Hash);
        CryptographicOperations.ZeroMemory(hash);
        return matches;
    }

    private static bool IsCostly(Argon2Phc hash) => hash.MemoryKiB > MemoryKiB || (long)hash.MemoryKiB * hash.Passes > MemoryKiB * Passes;

    private static bool IsCostly(string? stored) => Argon2Phc.Read(stored) is { } own ? IsCostly(own) : ForeignHash.Read(stored) is not null;

    private Task<byte[]> DeriveAsync(
        string password, byte[] salt, int memory, int passes, int length, bool isCostly, CancellationToken ct) => InASlotAsync(
        password,
        bytes =>
        {
            var hash = new byte[length];
            derive(bytes, salt, memory, passes, hash);
            return hash;
        },
        isCostly,
        ct);

    private Task<T> InASlotAsync<T>(string password, Work<T> work, bool isCostly, CancellationToken ct) =>
        isCostly ? foreignQueue.RunAsync(() => WithBytesOf(password, work), ct) : queue.RunAsync(() => WithBytesOf(password, work), ct);

    private static T WithBytesOf<T>(string password, Work<T> work)
    {
        // Pinned, or the collector could leave a copy behind that is never zeroed.
        var bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(password), pinned: true);
        try
        {
            Encoding.UTF8.GetBytes(password, bytes);
            return work(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static void Argon2(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int memory, int passes, Span<byte> hash) =>
        PasswordBasedKeyDerivationAlgorithm
            .Argon2id(new Argon2Parameters { MemorySize = memory, NumberOfPasses = passes, DegreeOfParallelism = 1 })
            .DeriveBytes(password, salt, hash);
}

/// <summary>A stored argon2id hash of the kind that NSec computes: version 19, one lane, a salt of 16 bytes.</summary>
internal sealed partial record Argon2Phc(int MemoryKiB, int Passes, byte[] Salt, byte[] Hash)
{
    /// <summary>Argon2's own floor.</summary>
    private const int MinMemoryKiB = 8;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"$argon2id$v=19$m={MemoryKiB},t={Passes},p=1${HashText.Unpadded(Salt)}${HashText.Unpadded(Hash)}");

    /// <summary>Null for everything else: other algorithms, lanes, salts and malformed strings, and what exceeds the ceilings.</summary>
    internal static Argon2Phc? Read(string? phc)
    {
        if (phc is null || Form().Match(phc) is not { Success: true } match)
        {
            return null;
        }

        var memory = match.Number("memory");
        var passes = match.Number("passes");
        return memory >= MinMemoryKiB && !Argon2Hash.Exceeds(memory, passes)
            && match.Bytes("salt") is { } salt && match.Bytes("hash") is { } hash
            ? new Argon2Phc((int)memory, (int)passes, salt, hash)
            : null;
    }

    // 22 characters are 16 bytes of salt; hashes have 16 to 64 bytes.
    [GeneratedRegex(
        @"\A\$argon2id\$v=19\$m=(?<memory>[1-9][0-9]{0,6}),t=(?<passes>[1-9][0-9]?),p=1"
        + @"\$(?<salt>[A-Za-z0-9+/]{22})\$(?<hash>[A-Za-z0-9+/]{22,86})\z")]
    private static partial Regex Form();
}
