namespace Modular.Users.SignIn.Domain;

internal static class SignInErrors
{
    internal static readonly Error PasswordLoginDisabled = Error.Forbidden(
        "users.password_login_disabled",
        "Password login is disabled on this server.",
        "Sign in through the identity provider; GET /api/v2/users/authmethods lists what is enabled.");

    internal static readonly Error WrongCredentials = new(
        ErrorKind.Unauthenticated,
        "users.wrong_credentials",
        "Incorrect e-mail address or password.",
        "Check both and try again. Passwords are case-sensitive.");

    internal static readonly Error Suspended = new(
        ErrorKind.Unauthenticated,
        "users.suspended",
        "Your account is suspended.",
        "Contact an administrator of this server to have it activated.");

    internal static Error TooManyFailures(TimeSpan wait) => new(
        ErrorKind.TooManyRequests,
        "users.too_many_failures",
        "Too many wrong passwords were tried for this account. Wait before the next attempt; sessions that exist go on.")
    {
        RetryAfter = wait,
    };

    internal static readonly Error TooManyAtOnce = new(
        ErrorKind.TooManyRequests,
        "users.too_many_at_once",
        "Many passwords are being checked at this moment. Try again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(10),
    };

    internal static readonly Error NoPasswordLogin = Error.Invalid(
        "users.no_password_login", "This user does not log in with a password.", "There is none to change; the user signs in another way, or not at all.");

    internal static readonly Error OwnLoginTypeOnly = Error.Forbidden(
        "users.own_login_type_only", "A login type is told to its user alone.", "Ask for your own with 'me'.");

    internal static readonly Error OwnLoginOnly = Error.Forbidden(
        "users.own_login_only", "You can convert your own login only.", "The user can do it, signed in, with the present password.");

    internal static readonly Error NoOidcUser = Error.Invalid(
        "users.no_oidc_user", "You do not sign in through OpenID Connect.", "There are no claims of a provider to show.");

    internal static readonly Error WrongPasscode = Error.Invalid(
        "users.wrong_passcode",
        "This passcode cannot be used.",
        "It is wrong, has been used, was tried too often, or is older than 20 minutes. Check the address and the passcode, or ask for a new one.");

    internal static readonly Error PresentPassword = Error.InvalidField("password", "Choose another password than the present one.");

    internal static Error ProviderNotConfigured(string loginType) => Error.Invalid(
        "users.provider_not_configured",
        "A login cannot be converted to this type here.",
        $"'{loginType}' is not a way to sign in that is configured on this server; GET /api/v2/users/authmethods lists them.");
}
