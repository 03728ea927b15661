using Modular.SharedKernel.Events;

namespace Modular.ApiKeys.Contracts;

/// <summary>A dormant user came back with a key that is still good, so the user is dormant no longer.</summary>
/// <param name="UserId">The key's owner.</param>
/// <param name="OccurredAt">When.</param>
public sealed record DormantUserSeen(Guid UserId, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt);
