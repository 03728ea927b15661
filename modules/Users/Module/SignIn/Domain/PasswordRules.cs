using System.Buffers;
using System.Text;
using Modular.Users.People.Domain;

namespace Modular.Users.SignIn.Domain;

/// <summary>
/// Which passwords are accepted: hard enough to guess (<see cref="RequiredBits"/>), not too long to hash, not commonly used and not
/// the person's own name. There is no rule on kinds of characters.
/// </summary>
internal static class PasswordRules
{
    private const int RequiredBits = 52;
    private const int MaxBytes = 1024;

    // Normalising leaves at least a byte of every four UTF-16 units, so what is longer than this cannot come down to the maximum.
    private const int MaxUnits = 4 * MaxBytes;

    private static readonly SearchValues<char>[] Classes =
    [
        SearchValues.Create("!@$&*"),
        SearchValues.Create("_-., "),
        SearchValues.Create("\"#%'()+/:;<=>?[\\]^{|}~"),
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz"),
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        SearchValues.Create("0123456789"),
    ];

    private static readonly int[] ClassSizes = [5, 5, 22, 26, 26, 10];

    private static readonly string[] Rows = ["0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"];

    private static readonly string[] Sequences = [.. Rows, .. Rows.Select(row => new string([.. row.Reverse()]))];

    /// <summary>
    /// The form in which passwords are judged and hashed: NFKC, so that every keyboard's way to type a text is the same text. What is
    /// longer than any accepted password stays as it is, for one character may become eighteen, and a login must not be made to pay that.
    /// </summary>
    internal static string Normalize(string password) => password.Length > MaxUnits ? password : Nfkc.Normalize(password);

    /// <summary>
    /// What is longer than any accepted password, cut to a text that is too long as well: requests wait for their hash, and must not hold a
    /// megabyte while they do.
    /// </summary>
    internal static string? Bounded(string? password) => password?.Length > MaxUnits + 1 ? password[..(MaxUnits + 1)] : password;

    /// <summary>Null, or which rule the password breaks and what to do about it.</summary>
    /// <param name="password">Normalised or not; it is judged normalised.</param>
    /// <param name="ownNames">The person's username and e-mail address; null and empty ones are passed over.</param>
    internal static string? Problem(string password, params string?[] ownNames)
    {
        const string tooLong = "This password is longer than 1,024 bytes. Shorten it.";
        if (password.Length > MaxUnits)
        {
            return tooLong;
        }

        password = Normalize(password);
        var unit = RepeatedUnit(password);
        var bits = Bits(unit);
        if (bits < RequiredBits)
        {
            return unit.Length < password.Length
                ? "This password repeats one piece over and over, so it is as easy to guess as the piece alone. "
                    + "Choose one that does not repeat, for example several unrelated words."
                : $"This password is too easy to guess: it measures {(int)bits} of the {RequiredBits} bits it needs. Make it longer, "
                    + "or mix more kinds of characters; runs such as 123, abc or qwerty and repeated characters hardly count.";
        }

        if (Encoding.UTF8.GetByteCount(password) > MaxBytes)
        {
            return tooLong;
        }

        if (CommonPasswords.Contains(password) || CommonPasswords.Contains(unit))
        {
            return "This password is on a list of common and breached passwords, which are tried first. "
                + "Choose one of your own, for example several unrelated words.";
        }

        return ownNames.Any(name => !string.IsNullOrEmpty(name) && Normalize(name).Equals(password, StringComparison.OrdinalIgnoreCase))
            ? "This password is your own username or e-mail address. Choose one that others cannot know."
            : null;
    }

    /// <summary>The entropy of a normalised password: its length without runs and repetitions, times the bits of a character.</summary>
    internal static double Bits(string password) =>
        password.Length == 0 ? 0 : Encoding.UTF8.GetByteCount(WithoutRuns(password)) * Math.Log2(Alphabet(password));

    // A text that consists of one unit several times is found again in its own double, as soon as one unit in.
    private static string RepeatedUnit(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var length = (text + text).IndexOf(text, 1, StringComparison.Ordinal);
        return text[..length];
    }

    private static int Alphabet(string password)
    {
        var size = 0;
        for (var i = 0; i < Classes.Length; i++)
        {
            size += password.AsSpan().ContainsAny(Classes[i]) ? ClassSizes[i] : 0;
        }

        return size + password.EnumerateRunes()
            .Distinct()
            .Count(rune => !rune.IsAscii || !Array.Exists(Classes, characters => characters.Contains((char)rune.Value)));
    }

    private static string WithoutRuns(string password)
    {
        var left = password.EnumerateRunes().ToList();
        left = [.. left.Where((rune, i) => i < 2 || rune != left[i - 1] || rune != left[i - 2])];
        foreach (var sequence in Sequences)
        {
            left = WithoutRuns(left, sequence);
        }

        return string.Concat(left);
    }

    // Of a run along the sequence, such as 3456 in 0123456789, the first two characters count.
    private static List<Rune> WithoutRuns(List<Rune> text, string sequence)
    {
        var left = new List<Rune>(text.Count);
        var run = 0;
        var previous = -1;
        foreach (var rune in text)
        {
            var place = rune.IsAscii ? sequence.IndexOf((char)rune.Value, StringComparison.Ordinal) : -1;
            run = place < 0 ? 0 : run > 0 && place == previous + 1 ? run + 1 : 1;
            previous = place;
            if (run <= 2)
            {
                left.Add(rune);
            }
        }

        return left;
    }
}
