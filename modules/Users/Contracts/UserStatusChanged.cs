using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>A user became active, dormant or suspended.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Username">As it is written.</param>
/// <param name="Status"><c>active</c>, <c>dormant</c> or <c>suspended</c>.</param>
/// <param name="Audit">The entry this leaves; null where another event of the same change leaves it.</param>
/// <param name="OccurredAt">When.</param>
public sealed record UserStatusChanged(Guid UserId, string Username, string Status, AuditFacts? Audit, DateTimeOffset OccurredAt)
    : IntegrationEvent(OccurredAt), IAudited
{
    /// <summary>Whether it came by itself: the user was seen again, or has not been seen for long.</summary>
    public bool IsAutomatic { get; init; }
}
