namespace Modular.Users.People.Domain;

internal static class UserErrors
{
    internal static readonly Error UsernameTaken = Error.Conflict("users.username_taken", "Another user has this username. Choose a different one.");

    internal static readonly Error EmailTaken = Error.Conflict("users.email_taken", "Another user has this e-mail address. Use a different one.");

    internal static readonly Error ExternalIdTaken = Error.Conflict(
        "users.external_id_taken", "Another user has this external id. An external id names one user.");

    internal static readonly Error FirstUserExists = Error.Conflict(
        "users.first_user_exists", "The first user exists already. Log in, or ask an owner for an account.");

    internal static readonly Error SetupTokenNeeded = Error.Forbidden(
        "users.setup_token_needed",
        "The first user can only be made with the setup token.",
        "Send the token that the operator configured in the header X-Modular-Setup-Token.");

    internal static readonly Error OwnAccount = Error.Forbidden(
        "users.own_account", "You cannot delete your own account.", "Ask another owner or user administrator to do it.");

    internal static readonly Error Outranked = Error.Forbidden(
        "users.outranked",
        "This account has more rights than yours.",
        "It holds a role that you neither have nor may assign. A person with that role can make the change.");

    internal static readonly Error UnknownStatus = Error.InvalidField("user_status", $"Give one of {string.Join(", ", AccountStatus.All)}.");

    internal static readonly Error UnknownLoginType = Error.InvalidField("login_type", "There is no such way to log in. Leave it out for a password.");

    internal static readonly Error LastOwner = Error.Forbidden(
        "users.last_owner", "The last active owner cannot be deleted.", "Make another user an owner first.");

    internal static readonly Error UsernameOfAnother = UsernameTaken with
    {
        Validations = [new Validation("username", "Another user has this username. Choose a different one.")],
    };

    internal static readonly Error OwnRoles = Error.Invalid(
        "users.own_roles", "You cannot change your own roles.", "Another owner can.");

    internal static readonly Error OwnSuspension = Error.Invalid(
        "users.own_suspension", "You cannot suspend yourself.", "Another administrator can.");

    internal static readonly Error OwnerSuspension = Error.Invalid(
        "users.owner_suspension", "An owner cannot be suspended.", "Take the role 'owner' away first.");

    internal static readonly Error RoleNotAssignable = Error.Forbidden(
        "users.role_not_assignable",
        "You may not assign one of these roles.",
        "Owners assign every role, user administrators only 'member'.");

    internal static readonly Error UnknownOrganization = new(
        ErrorKind.NotFound, Error.ResourceNotFound.Code, Error.ResourceNotFound.Message);
}
