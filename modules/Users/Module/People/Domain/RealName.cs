using System.Text;

namespace Modular.Users.People.Domain;

/// <summary>What the name of a person may be: any script, at most 128 bytes. It is refused rather than trimmed.</summary>
internal static class RealName
{
    private const int MaxBytes = 128;

    /// <summary>Null, or which rule the value breaks and what to do about it. The empty name is fine.</summary>
    internal static string? Problem(string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        if (Encoding.UTF8.GetByteCount(value) > MaxBytes)
        {
            return $"A name has at most {MaxBytes} bytes in UTF-8 (letters beyond a to z take two to four). Shorten it.";
        }

        if (value.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029'))
        {
            return "A name is a single line without control characters. Remove line breaks, tabs and the like.";
        }

        return char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1])
            ? "A name neither begins nor ends with white space. Remove it there."
            : null;
    }
}
