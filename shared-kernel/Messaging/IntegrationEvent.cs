using MediatR;

namespace Modular.SharedKernel.Messaging;

/// <summary>
/// A fact that one module tells the others, named in the past tense. Its handlers run at once, in the publisher's
/// transaction: if one throws, all is undone. Events carry ids and values, never entities, and only ever grow.
/// </summary>
/// <param name="OccurredAt">When it became true.</param>
public abstract record IntegrationEvent(DateTimeOffset OccurredAt) : INotification;

/// <summary>Publishes facts within the transaction of the running command.</summary>
public interface IIntegrationEvents
{
    /// <summary>
    /// Runs every handler of the event, one after another. Publish after saving, before returning.
    /// </summary>
    /// <exception cref="InvalidOperationException">No transaction is open: a fact told outside of one could outlive its change.</exception>
    Task PublishAsync(IntegrationEvent fact, CancellationToken ct);
}
