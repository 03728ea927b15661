using Modular.SharedKernel.Modules;

namespace Modular.ApiKeys.Domain;

/// <summary>
/// Scopes and types of resource of parts that this product does not have. Existing clients ask for them when they make a key, so
/// they are accepted and stored; nothing here is opened by them.
/// </summary>
internal static class ForeignScopes
{
    internal static readonly IReadOnlyList<Scope> All =
    [
        .. Actions("file", "read", "create"),
        .. Actions("task", "create", "read", "update", "delete"),
        .. Actions("template", "read", "create", "update", "delete", "use"),
        .. Actions("user_secret", "read", "create", "update", "delete"),
        .. Actions("workspace", "read", "create", "update", "delete", "ssh", "start", "stop", "application_connect"),
        Composite("coder:workspaces.create",
            "template:read", "template:use", "workspace:read", "workspace:create", "workspace:update", "workspace:start", "workspace:stop",
            "organization_member:read"),
        Composite("coder:workspaces.operate",
            "template:read", "workspace:read", "workspace:update", "workspace:start", "workspace:stop", "organization_member:read"),
        Composite("coder:workspaces.delete", "template:read", "template:use", "workspace:read", "workspace:delete", "organization_member:read"),
        Composite("coder:workspaces.access",
            "template:read", "workspace:read", "workspace:ssh", "workspace:application_connect", "organization_member:read"),
        Composite("coder:templates.build", "template:read", "file:create", "file:read", "provisioner_jobs:read"),
        Composite("coder:templates.author",
            "template:read", "template:create", "template:update", "template:delete", "template:view_insights", "file:create", "file:read"),
        Composite(ScopeCatalog.ApplicationConnect, "workspace:application_connect"),
    ];

    internal static readonly IReadOnlyList<string> ResourceTypes =
    [
        "ai_model_price", "ai_provider", "ai_seat", "aibridge_interception", "boundary_usage", "chat", "connection_log", "crypto_key",
        "debug_info", "file", "group", "group_member", "idpsync_settings", "inbox_notification", "license", "notification_message",
        "notification_preference", "notification_template", "oauth2_app", "oauth2_app_code_token", "oauth2_app_secret",
        "prebuilt_workspace", "provisioner_daemon", "provisioner_jobs", "replicas", "system", "tailnet_coordinator", "task", "template",
        "usage_event", "user_secret", "webpush_subscription", "workspace", "workspace_agent_devcontainers",
        "workspace_agent_resource_monitor", "workspace_dormant", "workspace_proxy",
    ];

    private static IEnumerable<Scope> Actions(string resource, params string[] actions) =>
        Scope.Of([.. actions.Select(action => new Permission(resource, action))]);

    private static Scope Composite(string name, params string[] permissions) =>
        new(name, [.. permissions.Select(text => text.Split(':')).Select(parts => new Permission(parts[0], parts[1]))]);
}
