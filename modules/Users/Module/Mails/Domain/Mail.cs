using System.Text.Json;

namespace Modular.Users.Mails.Domain;

/// <summary>A mail to be sent, written in the transaction of the change that it tells of, and removed once it is on its way.</summary>
internal sealed class Mail
{
    /// <summary>The member of <see cref="Content"/> that holds a passcode, encrypted.</summary>
    internal const string SealedPasscode = "sealed_passcode";

    private static readonly TimeSpan keptFor = TimeSpan.FromHours(24);

    private static readonly TimeSpan longestPause = TimeSpan.FromMinutes(15);

    private Mail()
    {
    }

    public Guid Id { get; private set; }

    /// <summary>Names the template: one of <see cref="MailKind"/>.</summary>
    public string Kind { get; private set; } = "";

    public Guid RecipientId { get; private set; }

    public string Address { get; private set; } = "";

    /// <summary>What the template is filled with: a JSON object of texts.</summary>
    public string Content { get; private set; } = "{}";

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it is tried next. While it is being tried: when another server may believe that this one has died.</summary>
    public DateTimeOffset DueAt { get; private set; }

    /// <summary>Tries that have begun.</summary>
    public int Attempts { get; private set; }

    /// <summary>When it is given up.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    internal static Mail To(
        Guid recipientId, string address, string kind, Dictionary<string, string> content, DateTimeOffset now, TimeSpan? worthSendingFor = null) => new()
        {
            Id = Guid.CreateVersion7(now),
            Kind = kind,
            RecipientId = recipientId,
            Address = address,
            Content = JsonSerializer.Serialize(content),
            CreatedAt = now,
            DueAt = now,
            ExpiresAt = now + (worthSendingFor ?? keptFor),
        };

    internal static DateTimeOffset EndOfTrying(DateTimeOffset createdAt) => createdAt + keptFor;

    /// <summary>The pause after a try that failed: 10, 30, 60 seconds, then doubling up to a quarter of an hour.</summary>
    internal static TimeSpan PauseAfter(int attempts)
    {
        var pause = attempts switch
        {
            <= 1 => TimeSpan.FromSeconds(10),
            2 => TimeSpan.FromSeconds(30),
            _ => TimeSpan.FromMinutes(1 << Math.Min(attempts - 3, 10)),
        };
        return pause < longestPause ? pause : longestPause;
    }
}

/// <summary>What mails there are; each has a file of its name in <c>Templates/</c>.</summary>
internal static class MailKind
{
    internal const string Passcode = "passcode";
    internal const string PasswordChanged = "password-changed";
    internal const string AccountSuspended = "account-suspended";
    internal const string AccountActivated = "account-activated";
    internal const string UserCreated = "user-created";
    internal const string UserDeleted = "user-deleted";
    internal const string UserSuspended = "user-suspended";
    internal const string UserActivated = "user-activated";

    internal static readonly IReadOnlyList<string> All =
        [Passcode, PasswordChanged, AccountSuspended, AccountActivated, UserCreated, UserDeleted, UserSuspended, UserActivated];
}
