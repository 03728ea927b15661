using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Modular.SharedKernel.Text;

/// <summary>Reads values of query strings the way existing clients know them: exactly what Go's <c>strconv</c> accepts.</summary>
public static class GoParse
{
    /// <summary>
    /// <c>1 t T TRUE true True</c> and <c>0 f F FALSE false False</c>; null for anything else, the empty text and other spellings
    /// (<c>tRUE</c>) included.
    /// </summary>
    public static bool? Bool(string text) => text switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => null,
    };

    /// <summary>
    /// Decimal digits with at most one sign before them (<c>+1</c>, <c>-0</c> and <c>007</c> are numbers; <c>1e3</c>, <c>1_000</c>,
    /// blanks and other scripts' digits are not); null for anything else, and for what a 64-bit integer cannot hold.
    /// </summary>
    [SuppressMessage("Naming", "CA1720", Justification = "Named after what it reproduces, ParseInt.")]
    public static long? Int(string text)
    {
        var digits = text is ['+' or '-', ..] ? text.AsSpan(1) : text;

        // long.TryParse alone would also take trailing U+0000.
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9')
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }
}
