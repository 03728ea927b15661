using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>A user's site roles were set. The next request has the new rights.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Roles">All site roles as stored.</param>
/// <param name="Audit">The entry this leaves; null where another event of the same change leaves it.</param>
/// <param name="OccurredAt">When.</param>
public sealed record UserRolesChanged(Guid UserId, IReadOnlyList<string> Roles, AuditFacts? Audit, DateTimeOffset OccurredAt)
    : IntegrationEvent(OccurredAt), IAudited;
