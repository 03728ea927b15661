namespace Modular.Users.Organizations.Domain;

internal static class OrganizationErrors
{
    internal static readonly Error NameTaken = Error.Conflict(
        "users.organization_name_taken", "Another organization has this name. Choose a different one.");

    internal static readonly Error DefaultStays = Error.Invalid(
        "users.default_organization_stays", "The default organization cannot be deleted.", "New users are put into it. Delete another one.");

    internal static readonly Error DefaultName = Error.InvalidField(
        "name", "The default organization keeps its name. Change its display_name instead.");

    internal static readonly Error MemberAlready = Error.Conflict(
        "users.member_already", "The user is a member of this organization already.");

    internal static readonly Error OwnMembership = Error.Invalid(
        "users.own_membership", "You cannot remove yourself from an organization.", "Another administrator of it can.");
}
