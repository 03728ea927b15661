using Modular.Users.Organizations.Domain;

namespace Modular.Users.Organizations;

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
