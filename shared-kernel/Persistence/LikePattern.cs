namespace Modular.SharedKernel.Persistence;

/// <summary>Patterns for LIKE and ILIKE in which the text of a search stands for itself, wildcards included.</summary>
public static class LikePattern
{
    /// <summary>The escape character that the patterns use.</summary>
    public const string Escape = "\\";

    /// <summary>Matches what contains the text.</summary>
    public static string Containing(string text) => $"%{Exactly(text)}%";

    /// <summary>Matches what begins with the text.</summary>
    public static string StartingWith(string text) => $"{Exactly(text)}%";

    /// <summary>Matches the text alone.</summary>
    public static string Exactly(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("%", "\\%", StringComparison.Ordinal)
        .Replace("_", "\\_", StringComparison.Ordinal);
}
