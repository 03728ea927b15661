using Modular.SharedKernel.Events;

namespace Modular.SharedKernel.Results;

/// <summary>What the pipeline needs to know of any <see cref="Result{T}"/>.</summary>
/// <typeparam name="TSelf">The result's own type.</typeparam>
public interface IOutcome<TSelf>
    where TSelf : IOutcome<TSelf>
{
    /// <summary>Null when the request succeeded.</summary>
    Error? Error { get; }

    /// <summary>What a refusal leaves behind; written in a transaction of its own after the rollback, before the answer.</summary>
    IReadOnlyList<IntegrationEvent> RefusalFacts { get; }

    /// <summary>Makes a failed result.</summary>
    static abstract TSelf Fail(Error error);
}

/// <summary>A value, or the <see cref="Results.Error"/> that explains why there is none.</summary>
/// <typeparam name="T">The value of a success.</typeparam>
public sealed class Result<T> : IOutcome<Result<T>>
{
    private readonly T? value;

    private Result(T? value, Error? error, IReadOnlyList<IntegrationEvent> refusalFacts)
    {
        this.value = value;
        Error = error;
        RefusalFacts = refusalFacts;
    }

    /// <inheritdoc />
    public Error? Error { get; }

    /// <inheritdoc />
    public IReadOnlyList<IntegrationEvent> RefusalFacts { get; }

    /// <summary>The value of a success; asking a failure for it is a bug and throws.</summary>
    public T Value => Error is null ? value! : throw new InvalidOperationException($"A failed result has no value: {Error.Code}");

    /// <inheritdoc />
    public static Result<T> Fail(Error error) => new(default, error, []);

    /// <summary>A success without a value, where <typeparamref name="T"/> can be null.</summary>
    public static Result<T> None { get; } = new(default, null, []);

    /// <summary>A refusal that leaves facts behind, such as an audit entry of the attempt.</summary>
    public static Result<T> Refused(Error error, params IntegrationEvent[] facts) => new(default, error, facts);

    /// <summary>The same failure, with what it leaves behind, of a request for something else.</summary>
    public Result<TOther> As<TOther>() => Error is null
        ? throw new InvalidOperationException("A success cannot become a failure.")
        : new Result<TOther>(default, Error, RefusalFacts);

    /// <summary>A success.</summary>
    public static implicit operator Result<T>(T value) => new(value, null, []);

    /// <summary>A failure that leaves nothing behind.</summary>
    public static implicit operator Result<T>(Error error) => Fail(error);
}
