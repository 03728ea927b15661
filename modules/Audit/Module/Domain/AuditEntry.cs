using System.Net;

namespace Modular.Audit.Domain;

/// <summary>One line of the log. Written once, never changed.</summary>
internal sealed class AuditEntry
{
    public Guid Id { get; init; }

    public DateTimeOffset Time { get; init; }

    /// <summary>Null where the system acted.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Zero where no organization is concerned.</summary>
    public Guid OrganizationId { get; init; }

    public IPAddress? Ip { get; init; }

    public string UserAgent { get; init; } = "";

    public string ResourceType { get; init; } = "";

    public Guid ResourceId { get; init; }

    public string ResourceTarget { get; init; } = "";

    public string Action { get; init; } = "";

    /// <summary>JSON object of the changed fields.</summary>
    public string Diff { get; init; } = "{}";

    public int StatusCode { get; init; }

    public Guid RequestId { get; init; }

    /// <summary>JSON object.</summary>
    public string AdditionalFields { get; init; } = "{}";
}
