using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;

namespace Modular.ApiKeys;

/// <summary>Everybody manages the own keys, owners everybody's; user administrators nobody else's.</summary>
internal static class ApiKeyPermissions
{
    internal static readonly Permission Create = new("api_key", "create");
    internal static readonly Permission Read = new("api_key", "read");
    internal static readonly Permission Update = new("api_key", "update");
    internal static readonly Permission Delete = new("api_key", "delete");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Member, Reach.Own, "api_key", "create", "read", "update", "delete"),
        new(SiteRole.Owner, Reach.Any, "api_key", "create", "read", "update", "delete"),
    ];

    internal static readonly IReadOnlyList<Scope> Scopes =
    [
        .. Scope.Of("api_key", "read", "create", "update", "delete"),
        new("coder:apikeys.manage_self", Read, Create, Update, Delete),
    ];
}
