using Modular.SharedKernel.Modules;

namespace Modular.ApiKeys.Domain;

/// <summary>Every user manages the own keys, owners all keys; user administrators only end sessions.</summary>
internal static class ApiKeyPermissions
{
    /// <summary>Of the Users module: whether the caller may see whose key it is.</summary>
    internal static readonly Permission ReadUser = new(Target.ResourceType, "read");

    internal static readonly Permission Create = new(ApiKey.ResourceType, "create");
    internal static readonly Permission Read = new(ApiKey.ResourceType, "read");
    internal static readonly Permission Update = new(ApiKey.ResourceType, "update");
    internal static readonly Permission Delete = new(ApiKey.ResourceType, "delete");

    /// <summary>An action of its own, since who manages people may end their sessions and do nothing else to their keys.</summary>
    internal static readonly Permission EndSession = new(ApiKey.ResourceType, "end_session");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Member, Reach.Own, Create, Read, Update, Delete, EndSession),
        new(SiteRole.Owner, Reach.Any, Create, Read, Update, Delete, EndSession),
        new(SiteRole.UserAdmin, Reach.Any, EndSession),
    ];

    internal static readonly IReadOnlyList<Scope> Scopes =
    [
        new("api_key:create", Create),
        new("api_key:read", Read),
        new("api_key:update", Update),
        new("api_key:delete", Delete, EndSession),
        new("api_key:*", new Permission(ApiKey.ResourceType, "*")),
        new("coder:apikeys.manage_self", Read, Create, Update, Delete, EndSession),
    ];
}
