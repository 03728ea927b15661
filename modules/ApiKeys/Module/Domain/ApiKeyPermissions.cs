using Modular.SharedKernel.Modules;

namespace Modular.ApiKeys.Domain;

/// <summary>Everybody manages the own keys, owners everybody's; user administrators nobody else's.</summary>
internal static class ApiKeyPermissions
{
    /// <summary>Of the Users module: whether the caller may see whose key it is.</summary>
    internal static readonly Permission ReadUser = new("user", "read");

    internal static readonly Permission Create = new("api_key", "create");
    internal static readonly Permission Read = new("api_key", "read");
    internal static readonly Permission Update = new("api_key", "update");
    internal static readonly Permission Delete = new("api_key", "delete");

    /// <summary>An action of its own, since who manages people may end their sessions and do nothing else to their keys.</summary>
    internal static readonly Permission EndSession = new("api_key", "end_session");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Member, Reach.Own, "api_key", "create", "read", "update", "delete", "end_session"),
        new(SiteRole.Owner, Reach.Any, "api_key", "create", "read", "update", "delete", "end_session"),
        new(SiteRole.UserAdmin, Reach.Any, "api_key", "end_session"),
    ];

    internal static readonly IReadOnlyList<Scope> Scopes =
    [
        new("api_key:create", Create),
        new("api_key:read", Read),
        new("api_key:update", Update),
        new("api_key:delete", Delete, EndSession),
        new("api_key:*", new Permission("api_key", "*")),
        new("coder:apikeys.manage_self", Read, Create, Update, Delete, EndSession),
    ];
}
