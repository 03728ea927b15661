using Modular.SharedKernel.Security;
using Modular.SharedKernel.Text;
using Modular.SharedKernel.Web;
using Modular.Users.Domain;

namespace Modular.Users.Features;

/// <summary>An organization as every route shows it.</summary>
[AnswerExample(
    """
    {"id":"f7410639-9649-4c7b-88cd-3c9d8b93726a","name":"operations","display_name":"Operations","icon":"",
    "created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:53.53678Z","description":"Runs the servers","is_default":false}
    """)]
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
