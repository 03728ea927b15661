using System.Text;

namespace Modular.Preferences.Domain;

/// <summary>
/// A setting that a user can make. Its value is a text everywhere but on the wire and in the table, where a boolean is one; the empty
/// text is none.
/// </summary>
/// <param name="Name">As clients and operators write it, and of its column.</param>
/// <param name="Description">For people.</param>
internal sealed record SettingField(string Name, string Description)
{
    internal const int MaxFreeBytes = 256;

    /// <summary>The values of a text setting; null where it is free, or no text.</summary>
    internal IReadOnlyList<string>? Allowed { get; init; }

    internal bool IsBoolean { get; init; }

    /// <summary>Where neither the user nor the operator has said anything.</summary>
    internal string Default { get; init; } = "";

    /// <summary>Whether a request is refused that gives the setting no value. What even an empty request is refused for is always required.</summary>
    internal Predicate<SentSettings> IsRequired { get; init; } = _ => false;

    /// <summary>Whether a value is taken, beside what else is sent. One that is not taken must still be one of those that are allowed.</summary>
    internal Predicate<SentSettings> Counts { get; init; } = _ => true;

    /// <summary>Whether a request takes the value away.</summary>
    internal Predicate<SentSettings> IsCleared { get; init; } = _ => false;

    /// <summary>Whether the value is compared with those that are allowed once nothing else is wrong with the request.</summary>
    internal bool IsComparedLast { get; init; }

    /// <summary>What stands in the API description's example; null for the default.</summary>
    internal string? Example { get; init; }

    /// <summary>What is wrong with a value that is given, and what would be right; null where nothing is.</summary>
    internal string? Problem(string value) =>
        IsBoolean ? value is "true" or "false" ? null : "Use true or false."
        : Allowed is { } allowed ? allowed.Contains(value) ? null : $"Use one of {string.Join(", ", allowed)}."
        : Encoding.UTF8.GetByteCount(value) > MaxFreeBytes ? $"Use at most {MaxFreeBytes} bytes."
        : null;

    /// <summary>A value as it is written in JSON.</summary>
    internal object OnTheWire(string value) => IsBoolean ? value == "true" : value;
}
