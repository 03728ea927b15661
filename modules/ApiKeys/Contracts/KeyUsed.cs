using Modular.SharedKernel.Events;

namespace Modular.ApiKeys.Contracts;

/// <summary>A key of the user was used. Told at most about once an hour and key.</summary>
/// <param name="UserId">The key's owner.</param>
/// <param name="OccurredAt">When it was used.</param>
public sealed record KeyUsed(Guid UserId, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt);
