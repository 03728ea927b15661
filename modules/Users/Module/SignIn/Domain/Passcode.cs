using System.Security.Cryptography;
using Modular.SharedKernel.Json;
using Modular.Users.People.Domain;

namespace Modular.Users.SignIn.Domain;

/// <summary>
/// A passcode that lets a person who forgot the password choose a new one, once. One row per user, which outlives its passcode: it knows
/// when the last ones were made. Written under the lock of the user's row. Wrong tries do not void it: 122 random bits are not guessed, and
/// a stranger could void another's; the limit of logins counts them.
/// </summary>
internal sealed class Passcode
{
    /// <summary>Mails of passcodes in any hour.</summary>
    internal const int PerHour = 3;

    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(20);

    private static readonly TimeSpan hour = TimeSpan.FromHours(1);

    private Passcode()
    {
    }

    internal Passcode(Guid userId) => UserId = userId;

    public Guid UserId { get; private set; }

    /// <summary>Of <see cref="Bound"/>, as passwords are hashed; null when there is none that is good.</summary>
    public string? Hash { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>Of the last hour.</summary>
    public List<DateTimeOffset> MadeAt { get; private set; } = [];

    /// <summary>A random UUID, version 4, as text.</summary>
    internal static string Draw()
    {
        var bytes = RandomNumberGenerator.GetBytes(16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>What is hashed: a passcode opens the account it was made for, and nothing but a new password.</summary>
    internal static string Bound(Guid userId, string passcode) => $"reset-password:{userId}:{passcode}";

    /// <summary>Whether the account is one that a password opens.</summary>
    internal static bool IsFor(User? user) =>
        user is { Deleted: false, LoginType: LoginType.Password, IsServiceAccount: false } and not { Status: AccountStatus.Suspended };

    internal bool MayBeMade(DateTimeOffset now) => MadeAt.Count(at => at > now - hour) < PerHour;

    internal void Replace(string hash, DateTimeOffset now)
    {
        Hash = hash;
        ExpiresAt = now + Lifetime;
        MadeAt = [.. MadeAt.Where(at => at > now - hour), now];
    }

    internal bool IsGood(string? hash, DateTimeOffset now) => Hash is not null && Hash == hash && now < ExpiresAt;

    /// <summary>The field under which clients know when a user's passcode ends; the zero time stands for none.</summary>
    internal static IReadOnlyDictionary<string, AuditChange> Diff(DateTimeOffset? before, DateTimeOffset? after) => new Dictionary<string, AuditChange>
    {
        ["one_time_passcode_expires_at"] = new(Wire(before), Wire(after), Secret: false),
    };

    private static string Wire(DateTimeOffset? time) => ModularJson.Format(time ?? ModularJson.ZeroTime);
}
