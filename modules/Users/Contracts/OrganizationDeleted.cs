using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>An organization is gone, and with it every membership and every role in it.</summary>
/// <param name="OrganizationId">The organization.</param>
/// <param name="Audit">The entry this leaves.</param>
/// <param name="OccurredAt">When.</param>
public sealed record OrganizationDeleted(Guid OrganizationId, AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
