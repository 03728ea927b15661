namespace Modular.SharedKernel.Text;

/// <summary>
/// The key form of e-mail addresses and usernames, by which they are compared, found and kept unique. Only A–Z are folded: the
/// full Unicode folding turns other letters into ASCII ones (the Kelvin sign into <c>k</c>), and a look-alike of a user's address
/// would become that address.
/// </summary>
public static class AsciiLowerCase
{
    /// <summary>The text with A–Z as a–z and every other character as it is. The length never changes.</summary>
    public static string Of(string text) => text.AsSpan().ContainsAnyInRange('A', 'Z')
        ? string.Create(text.Length, text, static (lower, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                lower[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
            }
        })
        : text;
}
