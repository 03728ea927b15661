using Modular.SharedKernel.Events;

namespace Modular.Users.Contracts;

/// <summary>A person proved who they are and is given a login key, of which only the hash is told.</summary>
/// <param name="UserId">The key's owner.</param>
/// <param name="KeyId">The key's public id.</param>
/// <param name="HashedSecret">SHA-256 of the key's secret.</param>
/// <param name="LoginType">The way of logging in, such as <c>password</c>.</param>
/// <param name="Lifetime">How long the key lives without being used.</param>
/// <param name="Audit">The entry this leaves.</param>
/// <param name="OccurredAt">When.</param>
public sealed record SessionStarted(
    Guid UserId, string KeyId, byte[] HashedSecret, string LoginType, TimeSpan Lifetime, AuditFacts Audit, DateTimeOffset OccurredAt)
    : IntegrationEvent(OccurredAt), IAudited;
