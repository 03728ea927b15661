using Modular.Users.People.Domain;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.People;

/// <summary>What a new account may be, whichever way it is made.</summary>
internal static class NewAccount
{
    internal static bool UsesPassword(bool serviceAccount, string loginType) => !serviceAccount && loginType is "" or LoginType.Password;

    /// <summary>What contradicts itself or the server's settings, whatever the database holds.</summary>
    internal static Error? Contradiction(
        bool serviceAccount, string loginType, bool hasEmail, bool hasPassword, bool passwordLoginDisabled) => (serviceAccount, loginType) switch
        {
            (true, not ("" or LoginType.None)) => NewAccountErrors.ServiceAccountLogsIn,
            (true, _) => hasPassword || hasEmail ? NewAccountErrors.ServiceAccountLogsIn : null,
            (false, LoginType.None) => NewAccountErrors.NoLogin,
            (false, "" or LoginType.Password) => passwordLoginDisabled ? SignInErrors.PasswordLoginDisabled : null,
            (false, _) => hasPassword ? NewAccountErrors.PasswordWithoutUse : null,
        };

    /// <summary>A way to log in that this server has not.</summary>
    internal static Error? UnavailableLogin(bool serviceAccount, string loginType) =>
        serviceAccount || UsesPassword(serviceAccount, loginType) ? null : NewAccountErrors.LoginTypeUnavailable(loginType);

    /// <summary>Roles that do not exist, or that the caller may not give.</summary>
    internal static Error? NotGiven(IReadOnlyList<string> roles, IReadOnlyList<string> callersRoles)
    {
        if (roles.Any(role => SiteRole.All.Contains(role) && !RoleAssignment.MayAssign(callersRoles, role)))
        {
            return UserErrors.RoleNotAssignable;
        }

        return roles.FirstOrDefault(role => !SiteRole.All.Contains(role)) is { } unknown
            ? Error.InvalidField("roles", RoleChange.Unknown(unknown))
            : null;
    }

    private static class NewAccountErrors
    {
        internal static readonly Error ServiceAccountLogsIn = Error.Invalid(
            "users.service_account_logs_in",
            "A service account has no e-mail address, no password and no login type but 'none'.",
            "Leave email, password and login_type out.");

        internal static readonly Error NoLogin = Error.Invalid(
            "users.no_login", "Only a service account can have the login type 'none'.", "Set service_account to true, or choose a login type.");

        internal static readonly Error PasswordWithoutUse = Error.Invalid(
            "users.password_without_use", "A password is only for the login type 'password'.", "Leave the password out, or the login type.");

        internal static Error LoginTypeUnavailable(string loginType) => Error.Invalid(
            "users.login_type_unavailable",
            "This login type cannot be used here.",
            $"'{loginType}' is not a way to sign in that is configured on this server; GET /api/v2/users/authmethods lists them.");
    }
}
