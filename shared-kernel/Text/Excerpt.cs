namespace Modular.SharedKernel.Text;

/// <summary>The beginning of a text that a client has sent, as an error shows it: an answer must not grow with what was wrong.</summary>
internal static class Excerpt
{
    internal const int MaxLength = 1_000;

    internal static string Of(string text) =>
        text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength), "…");
}
