namespace Modular.SharedKernel.Events;

/// <summary>An event that leaves an entry in the audit log. Implementing this is all it takes.</summary>
public interface IAudited
{
    /// <summary>What the entry says. Null where another event of the same change carries the entry for both.</summary>
    AuditFacts? Audit { get; }
}

/// <summary>What can be done to a resource, in the words of the audit log.</summary>
public static class AuditAction
{
    /// <summary>It exists from now on.</summary>
    public const string Create = "create";

    /// <summary>It is another one now.</summary>
    public const string Write = "write";

    /// <summary>It is gone.</summary>
    public const string Delete = "delete";

    /// <summary>A person proved who they are, and a session began.</summary>
    public const string Login = "login";

    /// <summary>A session ended because its person said so.</summary>
    public const string Logout = "logout";

    /// <summary>A passcode for a new password was asked for.</summary>
    public const string RequestPasswordReset = "request_password_reset";
}

/// <summary>A type of resource that audit entries name.</summary>
/// <param name="Type">Its name on the wire, such as <c>git_ssh_key</c>.</param>
/// <param name="Phrase">
/// What stands behind the verb in the sentence that describes an entry, with <c>{target}</c> in the place of the resource's name; null for
/// the type in words and its target.
/// </param>
public sealed record AuditedResource(string Type, string? Phrase = null);

/// <summary>What an audit entry says beside who, when and from where, which come from the request.</summary>
/// <param name="Action">One of <see cref="AuditAction"/>.</param>
/// <param name="ResourceType">The type's name on the wire, such as <c>user</c>.</param>
/// <param name="ResourceId">Of the resource, or of the user that owns it where the type has no UUIDs.</param>
/// <param name="Target">The name of the resource at that time.</param>
public sealed record AuditFacts(string Action, string ResourceType, Guid ResourceId, string Target)
{
    /// <summary>
    /// The HTTP status of the entry, where it is not the one that the running request answers: that of the refusal, or else the one that the
    /// route declares.
    /// </summary>
    public int? StatusCode { get; init; }

    /// <summary>Who did it, where that is not the caller of the request: a login is by the user that was found.</summary>
    public Guid? Actor { get; init; }

    /// <summary>Fields that changed. Refusals leave it empty.</summary>
    public IReadOnlyDictionary<string, AuditChange> Diff { get; init; } = AuditChange.None;

    /// <summary>More about the event; written as JSON.</summary>
    public IReadOnlyDictionary<string, object> AdditionalFields { get; init; } = new Dictionary<string, object>();

    /// <summary>The organization concerned, zero where there is none.</summary>
    public Guid OrganizationId { get; init; }
}

/// <summary>One changed field. A secret shows that it changed and nothing else.</summary>
public sealed record AuditChange(object? Old, object? New, bool Secret)
{
    /// <summary>No change.</summary>
    public static readonly IReadOnlyDictionary<string, AuditChange> None = new Dictionary<string, AuditChange>();
}

/// <summary>The refusal of a write by a caller who may see the target. It changes nothing and is recorded.</summary>
/// <param name="Audit">What was tried, on what, with which answer.</param>
/// <param name="OccurredAt">When.</param>
public sealed record WriteRefused(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
