using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Modular.SharedKernel.Text;

namespace Modular.Users.People.Domain;

/// <summary>What a username may be: ASCII letters and digits in groups joined by single hyphens, and no reserved word.</summary>
internal static partial class Username
{
    internal const int MaxLength = 32;

    // Paths below /users/ that belong to a route: a user of that name could not be addressed by it.
    private static readonly FrozenSet<string> HiddenByRoutes =
    [
        "me", "first", "login", "logout", "roles", "authmethods", "otp", "oidc", "oauth2", "oidc-claims", "validate-password", "import",
    ];

    internal static bool IsValid(string value) => Problem(value) is null;

    /// <summary>Words a path reads as something else. <c>new</c> and <c>create</c> are reserved in lower case only.</summary>
    internal static bool IsReserved(string value) =>
        value is "new" or "create" || HiddenByRoutes.Contains(AsciiLowerCase.Of(value)) || Uuid.TryParse(value, out _);

    /// <summary>Null, or which rule the value breaks and what to do about it.</summary>
    internal static string? Problem(string value)
    {
        if (value.Length == 0)
        {
            return "A username needs at least one character. Write letters and digits, such as jane-doe.";
        }

        if (value.Length > MaxLength)
        {
            return $"A username has at most {MaxLength} characters. Shorten it.";
        }

        if (!Form().IsMatch(value))
        {
            return "A username consists of the letters a to z, in either case, and digits, in groups joined by single hyphens. "
                + "Write it like jane-doe-2.";
        }

        return IsReserved(value) ? "This username is reserved, because addresses read it as something else. Choose another one." : null;
    }

    // \z, since $ would let a newline pass at the end; no IgnoreCase, which would take the Kelvin sign for a k.
    [GeneratedRegex(@"\A[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*\z")]
    internal static partial Regex Form();
}
