using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>A user's name or username is another one, or was written again.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Username">As it is written now.</param>
/// <param name="Audit">The entry this leaves; null where another event of the same change leaves it.</param>
/// <param name="OccurredAt">When.</param>
public sealed record UserProfileChanged(Guid UserId, string Username, AuditFacts? Audit, DateTimeOffset OccurredAt)
    : IntegrationEvent(OccurredAt), IAudited;
