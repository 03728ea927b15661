using MediatR;
using Modular.SharedKernel.Persistence;

namespace Modular.SharedKernel.Messaging;

internal sealed class IntegrationEvents(DbSession session, IMediator mediator) : IIntegrationEvents
{
    public Task PublishAsync(IntegrationEvent fact, CancellationToken ct) => session.InTransaction
        ? mediator.Publish(fact, ct)
        : throw new InvalidOperationException($"{fact.GetType().Name} was published outside of a command's transaction.");
}
