using Modular.SharedKernel.Security;
using Modular.Users.Domain;

namespace Modular.Users.Features;

/// <summary>An organization as every route shows it.</summary>
internal sealed record OrganizationAnswer(
    Guid Id, string Name, string DisplayName, string Icon, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string Description, bool IsDefault)
{
    internal static OrganizationAnswer Of(Organization organization) => new(
        organization.Id,
        organization.Name,
        organization.DisplayName.Length == 0 ? organization.Name : organization.DisplayName,
        organization.Icon,
        organization.CreatedAt,
        organization.UpdatedAt,
        organization.Description,
        organization.IsDefault);
}

/// <summary>Which organizations a caller may read: all of them by role, the own ones by membership.</summary>
internal static class ReadableOrganizations
{
    internal static IQueryable<Organization> ReadableBy(this IQueryable<Organization> organizations, Caller caller, IQueryable<OrganizationMember> members)
    {
        if (!caller.Restrictions.InScope(UserPermissions.ReadOrganization))
        {
            return organizations.Where(organization => false);
        }

        if (caller.Restrictions.AdmittedIds(UserPermissions.ReadOrganization.Resource) is { } admitted)
        {
            organizations = organizations.Where(organization => admitted.Contains(organization.Id));
        }

        return caller.HasRight(UserPermissions.ReadOrganization)
            ? organizations
            : organizations.Where(organization => members.Any(member => member.OrganizationId == organization.Id && member.UserId == caller.UserId));
    }
}
