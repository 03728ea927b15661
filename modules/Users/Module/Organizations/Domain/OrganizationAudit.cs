namespace Modular.Users.Organizations.Domain;

/// <summary>What the log says of writes to organizations and memberships.</summary>
internal static class OrganizationAudit
{
    /// <summary>A change of an organization; null for the state that is none.</summary>
    internal static AuditFacts Changed(string action, Organization? before, Organization? after)
    {
        var organization = (after ?? before)!;
        return new AuditFacts(action, Organization.ResourceType, organization.Id, organization.Name)
        {
            OrganizationId = organization.Id,
            Diff = Organization.AuditShape.Diff(before, after),
        };
    }

    /// <summary>A change of a membership; null for the state that is none.</summary>
    internal static AuditFacts Changed(string action, OrganizationMember? before, OrganizationMember? after)
    {
        var member = (after ?? before)!;
        return new AuditFacts(action, OrganizationMember.ResourceType, member.UserId, member.Username)
        {
            OrganizationId = member.OrganizationId,
            Diff = OrganizationMember.AuditShape.Diff(before, after),
        };
    }

    internal static WriteRefused Refused(string action, Organization organization, DateTimeOffset now) => new(
        new AuditFacts(action, Organization.ResourceType, organization.Id, organization.Name) { OrganizationId = organization.Id },
        now);

    internal static WriteRefused Refused(string action, Guid organization, Guid userId, string username, DateTimeOffset now) => new(
        new AuditFacts(action, OrganizationMember.ResourceType, userId, username) { OrganizationId = organization },
        now);
}
