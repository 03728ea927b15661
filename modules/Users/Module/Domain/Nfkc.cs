using System.Text;

namespace Modular.Users.Domain;

/// <summary>Unicode normalisation form KC of any text, broken text included: what stands for no character becomes U+FFFD.</summary>
internal static class Nfkc
{
    internal static string Normalize(string text) => Ascii.IsValid(text) ? text : WellFormed(text).Normalize(NormalizationForm.FormKC);

    /// <summary>The framework throws for lone surrogates.</summary>
    internal static string WellFormed(string text) => string.Concat(text.EnumerateRunes());
}
