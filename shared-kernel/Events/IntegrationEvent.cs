using MediatR;

namespace Modular.SharedKernel.Events;

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

    /// <summary>
    /// The same for many facts of one kind: handlers that can take them in one go do (<see cref="ISetHandler{TEvent}"/>), the others
    /// get them one after another.
    /// </summary>
    /// <exception cref="InvalidOperationException">No transaction is open.</exception>
    Task PublishAllAsync<TEvent>(IReadOnlyList<TEvent> facts, CancellationToken ct)
        where TEvent : IntegrationEvent;
}

/// <summary>A handler that writes what many facts say as cheaply as what one says. A fact told alone is a set of one.</summary>
/// <typeparam name="TEvent">The fact.</typeparam>
public interface ISetHandler<in TEvent> : INotificationHandler<TEvent>
    where TEvent : IntegrationEvent
{
    /// <summary>Takes the facts, in the order in which they became true.</summary>
    Task HandleAllAsync(IReadOnlyList<TEvent> facts, CancellationToken ct);

    /// <inheritdoc />
    Task INotificationHandler<TEvent>.Handle(TEvent notification, CancellationToken cancellationToken) =>
        HandleAllAsync([notification], cancellationToken);
}
