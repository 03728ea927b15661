using FluentValidation;
using MediatR;
using Modular.SharedKernel.Results;

namespace Modular.SharedKernel.Messaging;

/// <summary>Checks a request's declared field rules, where it has a validator, before a transaction begins.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
    where TResponse : class, IOutcome<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        foreach (var validator in validators)
        {
            if (validator.FindError(request) is { } error)
            {
                return Task.FromResult(TResponse.Fail(error));
            }
        }

        return next();
    }
}
