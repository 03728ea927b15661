using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Results;
using Npgsql;

namespace Modular.SharedKernel.Persistence;

/// <summary>
/// What a refusal by the database means. Handlers check first, for the good message; the constraint keeps the promise when
/// two requests race past the check. Every unique index, foreign key and check of a module's model has one; a test counts them.
/// </summary>
public sealed record ConstraintError(string Constraint, Error Error);

/// <summary>How modules say what their constraints mean.</summary>
public static class ConstraintErrorRegistration
{
    /// <summary>A violation of the constraint is answered as this error.</summary>
    public static IServiceCollection AddConstraintError(this IServiceCollection services, string constraint, Error error) =>
        services.AddSingleton(new ConstraintError(constraint, error));
}

internal sealed class ConstraintErrors(IEnumerable<ConstraintError> all)
{
    private readonly Dictionary<string, Error> byName = all.ToDictionary(e => e.Constraint, e => e.Error, StringComparer.Ordinal);

    public Error? Of(PostgresException refused) =>
        refused.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.ForeignKeyViolation
        && refused.ConstraintName is { } name
        && byName.TryGetValue(name, out var error)
            ? error
            : null;
}
