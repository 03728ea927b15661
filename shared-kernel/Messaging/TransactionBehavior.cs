using System.Text;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Npgsql;

namespace Modular.SharedKernel.Messaging;

/// <summary>
/// A command, the events it publishes and everything their handlers write are one transaction: committed when the result is a
/// success, undone when it is a refusal or an exception. What a refusal must leave behind is written afterwards, in a
/// transaction of its own, before the answer. Nothing is written, and nothing answered, for a caller whose rights have changed since the
/// request was let in.
/// </summary>
internal sealed class TransactionBehavior<TRequest, TResponse>(
    DbSession session, IIntegrationEvents events, AroundCommit commit, ConstraintErrors constraints, CommandRun run, ICallerCheck caller)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ITransactional
    where TResponse : class, IOutcome<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        await session.BeginAsync(cancellationToken);
        TResponse outcome;
        try
        {
            outcome = await next();
            if (outcome.Error is null)
            {
                await commit.RunBeforeAsync(cancellationToken);
                await RequireSameCallerAsync(request, cancellationToken);
                await session.CommitAsync();
                await commit.RunAfterAsync();
                return outcome;
            }
        }
        catch (Exception refused) when (DatabaseRefusal.Of(refused) is { } postgres && constraints.Of(postgres) is { } error)
        {
            outcome = TResponse.Fail(error);
        }
        finally
        {
            // After a commit there is nothing to roll back and nothing to forget.
            await session.RollbackAsync();
            commit.Forget();
        }

        await RequireSameCallerAsync(request, cancellationToken);
        if (outcome.RefusalFacts.Count > 0)
        {
            run.Refusal = outcome.Error;
            await LeaveBehindAsync(outcome.RefusalFacts);
        }

        return outcome;
    }

    private async Task RequireSameCallerAsync(TRequest request, CancellationToken ct)
    {
        if (request is not IKeepsRecord && !await caller.StillHoldsAsync(ct))
        {
            throw new CallerChangedException();
        }
    }

    private async Task LeaveBehindAsync(IReadOnlyList<IntegrationEvent> facts)
    {
        await session.BeginAsync(CancellationToken.None);
        try
        {
            foreach (var fact in facts)
            {
                await events.PublishAsync(fact, CancellationToken.None);
            }

            await commit.RunBeforeAsync(CancellationToken.None);
            await session.CommitAsync();
            await commit.RunAfterAsync();
        }
        finally
        {
            await session.RollbackAsync();
        }
    }
}

/// <summary>
/// A command that lost to another one (serialization failure, deadlock, a change of its caller or of what it had prepared from) is run again
/// as a whole, in a new scope with a new connection and new contexts; after three losses the caller is asked to come back.
/// </summary>
internal sealed class RerunBehavior<TRequest, TResponse>(IServiceScopeFactory scopes, CommandRun run, ICallerCheck caller)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ITransactional, IRequest<TResponse>
    where TResponse : class, IOutcome<TResponse>
{
    private const int Attempts = 3;

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        bool keepsPrepared;
        try
        {
            return await next();
        }
        catch (Exception lost) when (lost is CallerChangedException or PreparationOutdatedException || DatabaseRefusal.Of(lost)?.SqlState
            is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected)
        {
            if (lost is CallerChangedException && await caller.FindAgainAsync(cancellationToken) is { } refusal)
            {
                return TResponse.Fail(refusal);
            }

            if (run.Reruns + 1 >= Attempts)
            {
                return TResponse.Fail(DatabaseRefusal.Busy);
            }

            keepsPrepared = lost is not PreparationOutdatedException;
        }

        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CommandRun>().Follow(run, keepsPrepared);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}

/// <summary>The run of this scope's command.</summary>
internal sealed class CommandRun : ICommandOutcome
{
    public Error? Refusal { get; set; }

    /// <summary>How often it has been run before.</summary>
    public int Reruns { get; private set; }

    public Prepared Prepared { get; private set; } = new();

    /// <summary>Whether an earlier run has prepared what this one needs.</summary>
    public bool IsPrepared { get; private set; }

    public void Follow(CommandRun lost, bool keepsPrepared) =>
        (Reruns, IsPrepared, Prepared) = (lost.Reruns + 1, keepsPrepared, keepsPrepared ? lost.Prepared : new Prepared());
}

/// <summary>Reads what the database said out of what the libraries throw.</summary>
public static class DatabaseRefusal
{
    /// <summary>The answer to a command that lost every race, and to any request while the database is away.</summary>
    public static readonly Error Busy = new(
        ErrorKind.Unavailable, "database.busy", "The server cannot do this at the moment.", "Try again in a second.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>What PostgreSQL answered, or null when it answered nothing.</summary>
    public static PostgresException? Of(Exception exception) => exception switch
    {
        PostgresException postgres => postgres,
        DbUpdateException { InnerException: PostgresException postgres } => postgres,
        InvalidOperationException { InnerException: { } inner } => Of(inner),
        _ => null,
    };

    /// <summary>Whether a text of the request cannot be stored as one, such as U+0000 behind an escape that nothing looked into.</summary>
    public static bool IsUnstorableText(Exception exception) =>
        Of(exception)?.SqlState is PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter
        || exception is EncoderFallbackException or { InnerException: EncoderFallbackException };

    /// <summary>Whether the database could not be reached, or went away in the middle.</summary>
    public static bool IsAway(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState.StartsWith("57P", StringComparison.Ordinal)
            || postgres.SqlState is PostgresErrorCodes.TooManyConnections,
        NpgsqlException => true,
        DbUpdateException { InnerException: { } inner } => IsAway(inner),
        InvalidOperationException { InnerException: { } inner } => IsAway(inner),
        _ => false,
    };
}
