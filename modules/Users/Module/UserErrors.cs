using Modular.SharedKernel.Results;

namespace Modular.Users;

internal static class UserErrors
{
    internal static readonly Error UsernameTaken = Error.Conflict("users.username_taken", "Another user has this username. Choose a different one.");

    internal static readonly Error EmailTaken = Error.Conflict("users.email_taken", "Another user has this e-mail address. Use a different one.");

    internal static readonly Error FirstUserExists = Error.Conflict(
        "users.first_user_exists", "The first user exists already. Log in, or ask an owner for an account.");

    internal static readonly Error SetupTokenNeeded = Error.Forbidden(
        "users.setup_token_needed",
        "The first user can only be made with the setup token.",
        "Send the token that the operator configured in the header X-Modular-Setup-Token.");

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

    internal static readonly Error OwnAccount = Error.Forbidden(
        "users.own_account", "You cannot delete your own account.", "Ask another owner or user administrator to do it.");

    internal static readonly Error Outranked = Error.Forbidden(
        "users.outranked",
        "This account has more rights than yours.",
        "It holds a role that you neither have nor may assign. Somebody with that role can make the change.");

    internal static readonly Error LastOwner = Error.Forbidden(
        "users.last_owner", "The last active owner cannot be deleted.", "Make another user an owner first.");

    internal static readonly Error RoleNotAssignable = Error.Forbidden(
        "users.role_not_assignable",
        "You may not assign one of these roles.",
        "Owners assign every role, user administrators only 'member'.");

    internal static readonly Error UnknownOrganization = new(
        ErrorKind.NotFound, Error.ResourceNotFound.Code, Error.ResourceNotFound.Message);
}
