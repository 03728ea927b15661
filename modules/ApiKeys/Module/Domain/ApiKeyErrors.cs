namespace Modular.ApiKeys.Domain;

internal static class ApiKeyErrors
{
    internal static readonly Error NameTaken = Error.Conflict("api_keys.name_taken", "A token with this name exists already.") with
    {
        Validations = [new Validation("name", "Choose another name, or delete the token that has it.")],
    };

    internal static Error TooMany(int limit) => Error.Conflict(
        "api_keys.too_many", "This user has as many keys as a user can have.", $"The limit is {limit}. Delete keys that are no longer used.");

    internal static readonly Error Outranked = Error.Forbidden(
        "api_keys.outranked",
        "This account has rights that you do not have.",
        "Ask a person who holds its roles, or may assign them, to end its sessions.");

    internal static readonly Error EmptyAllowList = Error.InvalidField("allow_list", "A key has at least one entry; '*:*' admits everything.");

    internal static readonly Error FormerSecret = Error.Forbidden(
        "api_keys.former_secret",
        "The secret that you use has been replaced, so it may not change keys.",
        "Use the key's new secret. The old one only reads and writes other things until its overlap ends.");

    internal static readonly Error Expired = Error.Invalid("api_keys.expired", "An expired key cannot be rotated.", "Make a new one in its place.");

    internal static Error NotCovered(string what) => Error.Forbidden(
        "api_keys.not_covered",
        "A key cannot make a key that may do more than itself.",
        $"The key you use does not cover {what}. Ask for less, or use a key that covers it.");
}
