namespace Modular.Audit;

/// <summary>Owners and auditors read the log, those of an organization its entries. No scope covers it, so only a key with every scope can.</summary>
internal static class AuditPermissions
{
    internal static readonly Permission Read = new("audit_log", "read");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Owner, Reach.Any, "audit_log", "create", "read"),
        new(SiteRole.Auditor, Reach.Any, "audit_log", "read"),
        new(OrganizationRole.Admin, Reach.Organization, "audit_log", "read"),
        new(OrganizationRole.Auditor, Reach.Organization, "audit_log", "read"),
    ];
}
