namespace Modular.Users.People.Domain;

/// <summary>
/// What an e-mail address may be. Written by hand: the pattern that existing clients know lets labels contain dots, which makes a
/// backtracking matcher take exponential time; here one pass decides the same.
/// </summary>
internal static class EmailAddress
{
    private const int MaxLength = 254;
    private const string AtomPunctuation = "!#$%&'*+-/=?^_`{|}~";

    /// <summary>Null, or which rule the value breaks and what to do about it.</summary>
    internal static string? Problem(string value)
    {
        if (value.Length > MaxLength)
        {
            return $"An e-mail address has at most {MaxLength} characters. Shorten it.";
        }

        var at = value.StartsWith('"') ? EndOfQuotedPart(value) : value.IndexOf('@', StringComparison.Ordinal);
        if (at < 0 || at >= value.Length || value[at] != '@' || !IsLocalPart(value.AsSpan(0, at)))
        {
            return "This is no e-mail address: it needs a mailbox name, an @ and a domain, without blanks. Write it like jane@example.com.";
        }

        return IsDomain(value.AsSpan(at + 1))
            ? null
            : "The part after the @ is no domain name with at least two labels, the last of them letters. Write it like jane@example.com.";
    }

    private static bool IsLocalPart(ReadOnlySpan<char> local)
    {
        if (local is ['"', ..])
        {
            return true; // EndOfQuotedPart has read it.
        }

        foreach (var atom in local.Split('.'))
        {
            if (local[atom].IsEmpty)
            {
                return false;
            }
        }

        foreach (var c in local)
        {
            if (!IsLetterOrDigit(c) && c != '.' && !AtomPunctuation.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    // The index behind the closing quote, or -1. Control characters are left out: an address ends up in headers of mails.
    private static int EndOfQuotedPart(string value)
    {
        for (var i = 1; i < value.Length; i++)
        {
            switch (value[i])
            {
                case '"':
                    return i + 1;
                case '\\' when i + 1 < value.Length && IsPrintable(value[i + 1]):
                    i++;
                    break;
                case '\\':
                    return -1;
                case var c when !IsPrintable(c):
                    return -1;
            }
        }

        return -1;
    }

    // As labels may contain dots, "labels, a dot, a last label" needs one dot only, with the right neighbours.
    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        if (domain is [.. var withoutTrailingDot, '.'])
        {
            domain = withoutTrailingDot;
        }

        if (domain.IsEmpty || !IsLetterOrDigit(domain[0]) || !IsLetter(domain[^1]))
        {
            return false;
        }

        var hasTwoLabels = false;
        for (var i = 1; i < domain.Length - 1; i++)
        {
            if (!IsLetterOrDigit(domain[i]) && domain[i] is not ('-' or '.' or '_' or '~'))
            {
                return false;
            }

            hasTwoLabels |= domain[i] == '.' && IsLetterOrDigit(domain[i - 1]) && IsLetter(domain[i + 1]);
        }

        return hasTwoLabels;
    }

    private static bool IsPrintable(char c) => c is >= ' ' and <= '~' || IsForeign(c);

    private static bool IsLetterOrDigit(char c) => IsLetter(c) || char.IsAsciiDigit(c);

    private static bool IsLetter(char c) => char.IsAsciiLetter(c) || IsForeign(c);

    private static bool IsForeign(char c) =>
        c is (>= '\u00A0' and <= '\uD7FF') or (>= '\uF900' and <= '\uFDCF') or (>= '\uFDF0' and <= '\uFFEF');
}
