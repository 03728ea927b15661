namespace Modular.SharedKernel.Text;

/// <summary>Reads ids in the four spellings that existing clients may send: those of Go's <c>uuid.Parse</c>.</summary>
public static class Uuid
{
    private const string UrnPrefix = "urn:uuid:";
    private const int HyphenatedLength = 36;
    private const int PlainLength = 32;

    /// <summary>
    /// Accepts 36 characters with hyphens, the same in braces or after <c>urn:uuid:</c>, and 32 hexadecimal digits; letters in any
    /// case. False for everything else, surrounding blanks and parentheses included, which <see cref="Guid.TryParse(string, out Guid)"/>
    /// would accept.
    /// </summary>
    public static bool TryParse(string text, out Guid id)
    {
        id = default;
        var digits = text.AsSpan();
        if (digits.Length == HyphenatedLength + 2 && digits is ['{', .. var inner, '}'])
        {
            digits = inner;
        }
        else if (digits.Length == HyphenatedLength + UrnPrefix.Length
            && digits[..UrnPrefix.Length].Equals(UrnPrefix, StringComparison.OrdinalIgnoreCase))
        {
            digits = digits[UrnPrefix.Length..];
        }
        else if (digits.Length == PlainLength)
        {
            return HasOnlyDigits(digits, hyphenated: false) && Guid.TryParseExact(digits, "N", out id);
        }

        return HasOnlyDigits(digits, hyphenated: true) && Guid.TryParseExact(digits, "D", out id);
    }

    // Guid's own parsers trim blanks and tolerate signs and 0x inside the groups.
    private static bool HasOnlyDigits(ReadOnlySpan<char> digits, bool hyphenated)
    {
        for (var i = 0; i < digits.Length; i++)
        {
            if (hyphenated && i is 8 or 13 or 18 or 23 ? digits[i] != '-' : !char.IsAsciiHexDigit(digits[i]))
            {
                return false;
            }
        }

        return true;
    }
}
