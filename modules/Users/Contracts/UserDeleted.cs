using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>
/// A user is gone for good: the record stays, marked. A module that keeps something of the user's removes it, and one that accepts
/// writes for users keeps a tombstone that refuses them from now on.
/// </summary>
/// <param name="UserId">The deleted user.</param>
/// <param name="Audit">The entry this leaves.</param>
/// <param name="OccurredAt">When.</param>
public sealed record UserDeleted(Guid UserId, AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
