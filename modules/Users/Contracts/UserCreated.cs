using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>A user exists from now on.</summary>
/// <param name="UserId">The new user.</param>
/// <param name="Username">As it is written.</param>
/// <param name="Status"><c>active</c> or <c>dormant</c>.</param>
/// <param name="Roles">Site roles as stored.</param>
/// <param name="Audit">The entry this leaves.</param>
/// <param name="OccurredAt">When.</param>
public sealed record UserCreated(
    Guid UserId, string Username, string Status, IReadOnlyList<string> Roles, AuditFacts Audit, DateTimeOffset OccurredAt)
    : IntegrationEvent(OccurredAt), IAudited
{
    /// <summary>Full names of the roles in organizations, those that a membership implies among them.</summary>
    public IReadOnlyList<string> OrganizationRoles { get; init; } = [];

    /// <summary>Whether the user is one of many that came in a file: no news of its own.</summary>
    public bool IsImported { get; init; }
}
