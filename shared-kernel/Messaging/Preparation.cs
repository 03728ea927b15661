using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Results;

namespace Modular.SharedKernel.Messaging;

/// <summary>
/// Slow work of a command that must not hold a connection, such as a password hash. It runs after the declared field rules and
/// before the transaction, and once however often the command is run, unless the handler finds it outdated
/// (<see cref="PreparationOutdatedException"/>). The handler takes what it made out of <see cref="Prepared"/>.
/// </summary>
/// <typeparam name="TCommand">The command.</typeparam>
/// <typeparam name="TPrepared">What is made for its handler.</typeparam>
public interface IPreparation<in TCommand, TPrepared> : IPreparation<TCommand>
    where TPrepared : class
{
    /// <summary>Prepares, or refuses before anything costly is done. Null where the handler needs nothing, since it will refuse.</summary>
    Task<Result<TPrepared?>> PrepareAsync(TCommand command, CancellationToken ct);

    async Task<Error?> IPreparation<TCommand>.PrepareAsync(TCommand command, Prepared prepared, CancellationToken ct)
    {
        var made = await PrepareAsync(command, ct);
        if (made is { Error: null, Value: { } thing })
        {
            prepared.Keep(thing);
        }

        return made.Error;
    }
}

/// <summary>See <see cref="IPreparation{TCommand, TPrepared}"/>, which is the one to implement.</summary>
public interface IPreparation<in TCommand>
{
    /// <summary>Prepares and keeps what is made.</summary>
    Task<Error?> PrepareAsync(TCommand command, Prepared prepared, CancellationToken ct);
}

/// <summary>
/// What was prepared was prepared from something that has changed since: the command is run again, preparation included. Thrown by a
/// handler, which must not do slow work itself while it holds locks.
/// </summary>
public sealed class PreparationOutdatedException() : Exception("What was prepared for the command is outdated.");

/// <summary>Says of a command that its success publishes the event, so that reactions with slow work can prepare it.</summary>
/// <typeparam name="TEvent">The event.</typeparam>
public interface IWillPublish<TEvent>
    where TEvent : IntegrationEvent;

/// <summary>
/// Slow work of a reaction, done where the command's own is (<see cref="IPreparation{TCommand, TPrepared}"/>) and after it. What it makes it
/// keeps in <see cref="Prepared"/>, where the reaction finds it.
/// </summary>
/// <typeparam name="TEvent">The event that is going to be published.</typeparam>
public interface IReactionPreparation<TEvent> : IReactionPreparation
    where TEvent : IntegrationEvent;

/// <summary>See <see cref="IReactionPreparation{TEvent}"/>.</summary>
public interface IReactionPreparation
{
    /// <summary>Prepares. The command may still be refused afterwards.</summary>
    Task PrepareAsync(CancellationToken ct);
}

/// <summary>What was prepared for a command and for the reactions to its events; the same for each time the command is run.</summary>
public sealed class Prepared
{
    private readonly Dictionary<Type, object> made = [];

    /// <summary>Keeps one thing of its type.</summary>
    public void Keep<T>(T thing)
        where T : class => made[typeof(T)] = thing;

    /// <summary>What was kept. Asking for what was never prepared is a bug of the command, which must say what it publishes.</summary>
    public T Get<T>()
        where T : class => made.TryGetValue(typeof(T), out var thing)
            ? (T)thing
            : throw new InvalidOperationException($"No {typeof(T).Name} was prepared: the command has no such preparation, or is no IWillPublish of the event.");

    /// <summary>What was kept, or null.</summary>
    public T? Find<T>()
        where T : class => made.GetValueOrDefault(typeof(T)) as T;
}

internal sealed class PreparationBehavior<TRequest, TResponse>(
    IEnumerable<IPreparation<TRequest>> preparations, CommandRun run, IServiceProvider services)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ITransactional
    where TResponse : class, IOutcome<TResponse>
{
    private static readonly Type[] reactions =
    [
        .. typeof(TRequest).GetInterfaces()
            .Where(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IWillPublish<>))
            .Select(contract => typeof(IReactionPreparation<>).MakeGenericType(contract.GetGenericArguments())),
    ];

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (!run.IsPrepared)
        {
            foreach (var preparation in preparations)
            {
                if (await preparation.PrepareAsync(request, run.Prepared, cancellationToken) is { } error)
                {
                    return TResponse.Fail(error);
                }
            }

            foreach (var reaction in reactions.SelectMany(services.GetServices).Cast<IReactionPreparation>())
            {
                await reaction.PrepareAsync(cancellationToken);
            }
        }

        return await next();
    }
}
