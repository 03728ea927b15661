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

    internal static readonly Error NoPasswordLogin = Error.Invalid(
        "users.no_password_login", "This user does not log in with a password.", "There is none to change; the user signs in another way, or not at all.");

    internal static readonly Error OwnLoginTypeOnly = Error.Forbidden(
        "users.own_login_type_only", "A login type is told to its user alone.", "Ask for your own with 'me'.");

    internal static readonly Error RoleNotAssignable = Error.Forbidden(
        "users.role_not_assignable",
        "You may not assign one of these roles.",
        "Owners assign every role, user administrators only 'member'.");

    internal static readonly Error OrganizationNameTaken = Error.Conflict(
        "users.organization_name_taken", "Another organization has this name. Choose a different one.");

    internal static readonly Error DefaultOrganizationStays = Error.Invalid(
        "users.default_organization_stays", "The default organization cannot be deleted.", "New users are put into it. Delete another one.");

    internal static readonly Error DefaultOrganizationName = Error.InvalidField(
        "name", "The default organization keeps its name. Change its display_name instead.");

    internal static readonly Error MemberAlready = Error.Conflict(
        "users.member_already", "The user is a member of this organization already.");

    internal static readonly Error OwnMembership = Error.Invalid(
        "users.own_membership", "You cannot remove yourself from an organization.", "Another administrator of it can.");

    internal static readonly Error OwnLoginOnly = Error.Forbidden(
        "users.own_login_only", "You can convert your own login only.", "The user can do it, signed in, with the present password.");

    internal static readonly Error NoOidcUser = Error.Invalid(
        "users.no_oidc_user", "You do not sign in through OpenID Connect.", "There are no claims of a provider to show.");

    internal static readonly Error WrongPasscode = Error.Invalid(
        "users.wrong_passcode",
        "This passcode cannot be used.",
        "It is wrong, has been used, was tried too often, or is older than 20 minutes. Check the address and the passcode, or ask for a new one.");

    internal static readonly Error PresentPassword = Error.InvalidField("password", "Choose another password than the present one.");

    internal static readonly Error UnknownOrganization = new(
        ErrorKind.NotFound, Error.ResourceNotFound.Code, Error.ResourceNotFound.Message);

    internal static Error ProviderNotConfigured(string loginType) => Error.Invalid(
        "users.provider_not_configured",
        "A login cannot be converted to this type here.",
        $"'{loginType}' is not a way to sign in that is configured on this server; GET /api/v2/users/authmethods lists them.");
}
