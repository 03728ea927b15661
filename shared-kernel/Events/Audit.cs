namespace Modular.SharedKernel.Events;

/// <summary>An event that leaves an entry in the audit log. Implementing this is all it takes.</summary>
public interface IAudited
{
    /// <summary>What the entry says. Null where another event of the same change carries the entry for both.</summary>
    AuditFacts? Audit { get; }
}

/// <summary>What an audit entry says beside who, when and from where, which come from the request.</summary>
/// <param name="Action"><c>create</c>, <c>write</c>, <c>delete</c>, <c>login</c>, <c>logout</c>, …</param>
/// <param name="ResourceType">The type's name on the wire, such as <c>user</c>.</param>
/// <param name="ResourceId">Of the resource, or of the user that owns it where the type has no UUIDs.</param>
/// <param name="Target">The name of the resource at that time.</param>
/// <param name="StatusCode">The status that was answered.</param>
public sealed record AuditFacts(string Action, string ResourceType, Guid ResourceId, string Target, int StatusCode)
{
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
