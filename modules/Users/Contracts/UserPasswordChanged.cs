using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>A user has another password. Whatever the old one has opened is to be closed.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Audit">The entry this leaves.</param>
/// <param name="OccurredAt">When.</param>
public sealed record UserPasswordChanged(Guid UserId, AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
