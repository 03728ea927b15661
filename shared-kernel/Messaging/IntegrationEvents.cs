using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Persistence;

namespace Modular.SharedKernel.Messaging;

internal sealed class IntegrationEvents(DbSession session, IMediator mediator, IServiceProvider services) : IIntegrationEvents
{
    public Task PublishAsync(IntegrationEvent fact, CancellationToken ct)
    {
        RequireTransaction(fact.GetType());
        return mediator.Publish(fact, ct);
    }

    public async Task PublishAllAsync<TEvent>(IReadOnlyList<TEvent> facts, CancellationToken ct)
        where TEvent : IntegrationEvent
    {
        RequireTransaction(typeof(TEvent));
        foreach (var handler in facts.Count == 0 ? [] : services.GetServices<INotificationHandler<TEvent>>())
        {
            if (handler is ISetHandler<TEvent> taker)
            {
                await taker.HandleAllAsync(facts, ct);
                continue;
            }

            foreach (var fact in facts)
            {
                await handler.Handle(fact, ct);
            }
        }
    }

    private void RequireTransaction(Type fact)
    {
        if (!session.InTransaction)
        {
            throw new InvalidOperationException($"{fact.Name} was published outside of a command's transaction.");
        }
    }
}
