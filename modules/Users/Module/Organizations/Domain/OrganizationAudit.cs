namespace Modular.Users.Organizations.Domain;

/// <summary>What the log says of writes to organizations and memberships.</summary>
internal static class OrganizationAudit
{
    /// <summary>A change of an organization; null for the state that is none.</summary>
    internal static AuditFacts Changed(string action, Organization? before, Organization? after, int status = StatusCodes.Status200OK)
    {
        var organization = (after ?? before)!;
        return new AuditFacts(action, "organization", organization.Id, organization.Name, status)
        {
            OrganizationId = organization.Id,
            Diff = Organization.AuditShape.Diff(before, after),
        };
    }

    /// <summary>A change of a membership; null for the state that is none.</summary>
    internal static AuditFacts Changed(string action, OrganizationMember? before, OrganizationMember? after, int status = StatusCodes.Status200OK)
    {
        var member = (after ?? before)!;
        return new AuditFacts(action, "organization_member", member.UserId, member.Username, status)
        {
            OrganizationId = member.OrganizationId,
            Diff = OrganizationMember.AuditShape.Diff(before, after),
        };
    }

    internal static WriteRefused Refused(string action, Organization organization, Error error, DateTimeOffset now) => new(
        new AuditFacts(action, "organization", organization.Id, organization.Name, ResultHttp.StatusOf(error.Kind)) { OrganizationId = organization.Id },
        now);

    internal static WriteRefused Refused(string action, Guid organization, Guid userId, string username, Error error, DateTimeOffset now) => new(
        new AuditFacts(action, "organization_member", userId, username, ResultHttp.StatusOf(error.Kind)) { OrganizationId = organization },
        now);
}
