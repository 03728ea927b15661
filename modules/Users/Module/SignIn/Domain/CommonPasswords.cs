using System.Collections.Frozen;
using Modular.SharedKernel.Text;

namespace Modular.Users.SignIn.Domain;

/// <summary>Common and breached passwords, compared whole and ignoring case. Read when first asked, then kept.</summary>
internal static class CommonPasswords
{
    private static readonly Lazy<FrozenSet<string>> Listed = new(() =>
        EmbeddedData.Lines("common-passwords.txt.gz")
            .Concat(EmbeddedData.Lines("further-passwords.txt"))
            .ToFrozenSet(StringComparer.Ordinal));

    internal static int Count => Listed.Value.Count;

    // The lists are lower-case ASCII, so folding A–Z is all there is to ignoring case.
    internal static bool Contains(string password) => Listed.Value.Contains(AsciiLowerCase.Of(password));
}
