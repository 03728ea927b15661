using Modular.SharedKernel.Security;

namespace Modular.Host.Server;

/// <summary>Owners operate the server, auditors look on.</summary>
internal static class HostPermissions
{
    internal static readonly Permission ReadDeployment = new("deployment_config", "read");
    internal static readonly Permission ReadStats = new("deployment_stats", "read");
    internal static readonly Permission UpdateDeployment = new("deployment_config", "update");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Owner, Reach.Any, ReadDeployment, UpdateDeployment),
        new(SiteRole.Owner, Reach.Any, ReadStats),
        new(SiteRole.Auditor, Reach.Any, ReadDeployment),
        new(SiteRole.Auditor, Reach.Any, ReadStats),
    ];
}
