using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>A user joined or left an organization, or has other roles in one. The next request has the new rights.</summary>
/// <param name="UserId">The user.</param>
/// <param name="OrganizationRoles">Full names of all roles in all organizations, those that a membership implies among them.</param>
/// <param name="Audit">The entry this leaves.</param>
/// <param name="OccurredAt">When.</param>
public sealed record UserMembershipsChanged(
    Guid UserId, IReadOnlyList<string> OrganizationRoles, AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
