using System.Text;

namespace Modular.Users.Domain;

/// <summary>
/// The form in which texts are searched, and what they are searched for: one for all texts that differ in case or in how Unicode writes the
/// same letters. It is made here and not by the database, whose folding depends on its locale.
/// </summary>
internal static class SearchForm
{
    /// <summary>
    /// Case folding of one letter at a time. Upper case comes first: letters with several lower-case forms, such as σ and ς, have one
    /// upper-case form. Letters are taken apart before, as case maps some composed ones to several; of the others only ß does so. The two
    /// kinds of i are one, since the upper case of the one has the lower case of the other.
    /// </summary>
    internal static string Of(string text) => Ascii.IsValid(text)
        ? text.ToLowerInvariant()
        : Nfkc.WellFormed(text)
            .Normalize(NormalizationForm.FormKD)
            .ToUpperInvariant()
            .ToLowerInvariant()
            .Replace("ß", "ss", StringComparison.Ordinal)
            .Replace("ı", "i", StringComparison.Ordinal)
            .Replace("i\u0307", "i", StringComparison.Ordinal)
            .Normalize(NormalizationForm.FormKC);
}
