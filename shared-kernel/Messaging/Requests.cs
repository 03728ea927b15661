using MediatR;
using Modular.SharedKernel.Results;

namespace Modular.SharedKernel.Messaging;

/// <summary>Marks what runs in one transaction.</summary>
public interface ITransactional;

/// <summary>
/// Marks a command that writes down what has happened already. It needs no right of its caller, who may have lost all of them
/// since.
/// </summary>
public interface IKeepsRecord;

/// <summary>What has become of the running command, for what is written down of it.</summary>
public interface ICommandOutcome
{
    /// <summary>Why the command was refused, while what the refusal leaves behind is written; null while the command runs.</summary>
    Error? Refusal { get; }
}

/// <summary>A request that changes something: one database transaction, committed if and only if the result is a success.</summary>
/// <typeparam name="T">What a success gives.</typeparam>
public interface ICommand<T> : IRequest<Result<T>>, ITransactional;

/// <summary>A command whose success has nothing to say.</summary>
public interface ICommand : ICommand<Unit>;

/// <summary>A request that only reads: no transaction.</summary>
/// <typeparam name="T">What a success gives.</typeparam>
public interface IQuery<T> : IRequest<Result<T>>;
