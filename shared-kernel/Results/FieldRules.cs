using System.Text.Json;
using FluentValidation;

namespace Modular.SharedKernel.Results;

/// <summary>Declared field rules: all fields are checked, each failing field has one entry, under its JSON name.</summary>
public static class FieldRules
{
    /// <summary>The refusal of what breaks a rule, or null.</summary>
    public static Error? FindError<T>(this IValidator<T> validator, T value)
    {
        var result = validator.Validate(value);
        return result.IsValid
            ? null
            : Error.InvalidFields([.. result.Errors
                .DistinctBy(failure => failure.PropertyName)
                .Select(failure => new Validation(JsonName(failure.PropertyName), failure.ErrorMessage))]);
    }

    /// <summary>Why a body that a command carries cannot be accepted: it could not be read, or breaks a rule. Null where it can.</summary>
    public static Error? FindError<T>(this IValidator<T> validator, Result<T> body) => body.Error ?? validator.FindError(body.Value);

    /// <summary>The field must be there and not be empty; null is the empty text.</summary>
    /// <param name="rule">The rule of the field.</param>
    /// <param name="property">The property, where the rule is on a part of it.</param>
    public static IRuleBuilderOptionsConditions<T, string?> IsRequired<T>(this IRuleBuilder<T, string?> rule, string? property = null) =>
        rule.Custom((value, context) =>
        {
            if (string.IsNullOrEmpty(value))
            {
                context.AddFailure(property ?? context.PropertyPath, "This field is required.");
            }
        });

    /// <summary>A rule that answers null, or a sentence with the remedy. An empty value is left to <see cref="IsRequired{T}"/>.</summary>
    public static IRuleBuilderOptionsConditions<T, string?> Obeys<T>(this IRuleBuilder<T, string?> rule, Func<string, string?> problem) =>
        rule.Custom((value, context) =>
        {
            if (!string.IsNullOrEmpty(value) && problem(value) is { } sentence)
            {
                context.AddFailure(sentence);
            }
        });

    private static string JsonName(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property[(property.LastIndexOf('.') + 1)..]);
}
