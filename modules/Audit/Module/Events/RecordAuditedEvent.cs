using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.Audit.Domain;
using Modular.Audit.Persistence;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Audit.Events;

/// <summary>One handler for every audited event of every module: the change and its entry commit together or not at all.</summary>
internal sealed class RecordAuditedEvent<TEvent>(AuditDbContext db, ICurrentUser current, IRequestOrigin origin, TimeProvider clock) : INotificationHandler<TEvent>
    where TEvent : IntegrationEvent, IAudited
{
    public async Task Handle(TEvent notification, CancellationToken cancellationToken)
    {
        if (notification.Audit is not { } facts)
        {
            return;
        }

        var from = origin.Current;

        // Not the event's time: several entries of one request keep the order in which they were written.
        var now = clock.GetUtcNow();
        var entry = db.Entries.Add(new AuditEntry
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
            StatusCode = facts.StatusCode,
            RequestId = from.RequestId,
            AdditionalFields = JsonSerializer.Serialize(facts.AdditionalFields, ModularJson.Options),
        });
        await db.SaveChangesAsync(cancellationToken);
        entry.State = EntityState.Detached; // Or each entry of a long batch would look at all those before it.
    }
}
