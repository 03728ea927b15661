using System.Text.Json;
using Modular.Audit.Domain;
using Modular.Audit.Persistence;
using Modular.SharedKernel.Json;

namespace Modular.Audit.Events;

/// <summary>One handler for every audited event of every module: the change and its entry commit together or not at all.</summary>
internal sealed class RecordAuditedEvent<TEvent>(
    AuditDbContext db, ICurrentUser current, IRequestOrigin origin, ICommandOutcome outcome, TimeProvider clock) : ISetHandler<TEvent>
    where TEvent : IntegrationEvent, IAudited
{
    public async Task HandleAllAsync(IReadOnlyList<TEvent> facts, CancellationToken ct)
    {
        db.Entries.AddRange(facts.Select(fact => fact.Audit).OfType<AuditFacts>().Select(Entry));
        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear(); // Or each event of a long command would look at the entries of all those before it.
    }

    private AuditEntry Entry(AuditFacts facts)
    {
        var from = origin.Current;

        // Not the event's time: several entries of one request keep the order in which they were written.
        var now = clock.GetUtcNow();
        return new AuditEntry
        {
            Id = Guid.CreateVersion7(now),
            Time = now,
            UserId = facts.Actor ?? current.Caller?.UserId,
            OrganizationId = facts.OrganizationId,
            Ip = from.Ip,
            UserAgent = from.UserAgent,
            ResourceType = facts.ResourceType,
            ResourceId = facts.ResourceId,
            ResourceTarget = facts.Target,
            Action = facts.Action,
            Diff = JsonSerializer.Serialize(facts.Diff.ToDictionary(field => field.Key, field => DiffField.Of(field.Value)), ModularJson.Options),
            StatusCode = facts.StatusCode ?? outcome.Refusal?.Status ?? from.SuccessStatus,
            RequestId = from.RequestId,
            AdditionalFields = JsonSerializer.Serialize(facts.AdditionalFields, ModularJson.Options),
        };
    }
}
