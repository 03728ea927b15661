using MediatR;
using Modular.SharedKernel.Results;

namespace Modular.SharedKernel.Messaging;

/// <summary>
/// Slow work of a command that must not hold a connection, such as a password hash. It runs after the declared field rules and
/// before the transaction, and once however often the command is run; what it finds it leaves in the command.
/// </summary>
/// <typeparam name="TCommand">The command.</typeparam>
public interface IPreparation<in TCommand>
{
    /// <summary>Prepares, or refuses before anything costly is done.</summary>
    Task<Error?> PrepareAsync(TCommand command, CancellationToken ct);
}

internal sealed class PreparationBehavior<TRequest, TResponse>(IEnumerable<IPreparation<TRequest>> preparations, RerunCount rerun)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ITransactional
    where TResponse : class, IOutcome<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        foreach (var preparation in rerun.Value == 0 ? preparations : [])
        {
            if (await preparation.PrepareAsync(request, cancellationToken) is { } error)
            {
                return TResponse.Fail(error);
            }
        }

        return await next();
    }
}
