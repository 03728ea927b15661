using Modular.SharedKernel.Text;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;

namespace Modular.Users.Persistence;

/// <summary>Which organizations a caller may read: all of them by a site role, the own ones by membership.</summary>
internal static class ReadableOrganizations
{
    internal static IQueryable<Organization> ReadableBy(this IQueryable<Organization> organizations, Caller caller)
    {
        if (caller.Restrictions.AdmittedIds(UserPermissions.ReadOrganization.Resource) is { } admitted)
        {
            organizations = organizations.Where(organization => admitted.Contains(organization.Id));
        }

        return caller.OrganizationsWith(UserPermissions.ReadOrganization) is { } readable
            ? organizations.Where(organization => readable.Contains(organization.Id))
            : organizations;
    }

    /// <summary>The one that has the id or the name, or is the default one.</summary>
    internal static IQueryable<Organization> Called(this IQueryable<Organization> organizations, string text) =>
        Uuid.TryParse(text, out var id) ? organizations.Where(o => o.Id == id)
        : text == Organization.DefaultName ? organizations.Where(o => o.IsDefault)
        : organizations.Where(o => o.Name == text);
}
