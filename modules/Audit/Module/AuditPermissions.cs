namespace Modular.Audit;

/// <summary>Owners and auditors read the log, those of an organization its entries. No scope covers it, so only a key with every scope can.</summary>
internal static class AuditPermissions
{
    internal static readonly Permission Read = new("audit_log", "read");

    // Clients ask whether they may (authcheck), though entries are made by what they record alone.
    private static readonly Permission create = new("audit_log", "create");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Owner, Reach.Any, create, Read),
        new(SiteRole.Auditor, Reach.Any, Read),
        new(OrganizationRole.Admin, Reach.Organization, Read),
        new(OrganizationRole.Auditor, Reach.Organization, Read),
    ];
}
