using Modular.ApiKeys.Contracts;

namespace Modular.ApiKeys.Authentication;

/// <summary>A dormant user came back: told in a transaction of its own, before anything else of the request.</summary>
internal static class WakeDormantOwner
{
    internal sealed record Command(Guid UserId) : ICommand;

    internal sealed class Handler(IIntegrationEvents events, TimeProvider clock) : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            await events.PublishAsync(new DormantUserSeen(request.UserId, clock.GetUtcNow()), cancellationToken);
            return Unit.Value;
        }
    }
}
