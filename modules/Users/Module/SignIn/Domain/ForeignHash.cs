namespace Modular.Users.SignIn.Domain;

/// <summary>
/// A password hash that another system has made and that came with its user. It is checked at most once: the login that it lets in
/// stores a hash of ours. One type per format.
/// </summary>
internal abstract record ForeignHash
{
    /// <summary>Null, or which cost exceeds what a check may cost here: a stored string must not keep a processor or the memory busy.</summary>
    internal abstract string? Excess { get; }

    /// <summary>Whether the hash is that of the password, in UTF-8. In constant time once the hash is computed.</summary>
    internal abstract bool Matches(ReadOnlySpan<byte> password);

    /// <summary>The hash, or null for what cannot be read or costs too much.</summary>
    internal static ForeignHash? Read(string? text) => Parse(text) is { Excess: null } hash ? hash : null;

    /// <summary>Null, or why no password can be checked against the text, and what to do about it.</summary>
    internal static string? Problem(string text) => Parse(text) is { } hash
        ? hash.Excess is { } excess ? $"{excess} Leave the hash out, and let the user be given a new password." : null
        : "This is no password hash that can be checked here. Send argon2id (version 19), bcrypt ($2a$, $2b$, $2y$), pbkdf2-sha256 or "
            + "pbkdf2-sha512 in full, as the other system has stored it.";

    private static ForeignHash? Parse(string? text) => text switch
    {
        ['$', 'a', 'r', 'g', 'o', 'n', ..] => Argon2Hash.Parse(text),
        ['$', '2', ..] => BcryptHash.Parse(text),
        ['$', 'p', 'b', 'k', 'd', 'f', ..] => Pbkdf2Hash.Parse(text),
        _ => null,
    };
}
