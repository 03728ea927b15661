namespace Modular.Audit.Domain;

/// <summary>Words of the wire that a filter may name, whether or not this product ever writes them.</summary>
internal static class AuditVocabulary
{
    internal static readonly IReadOnlyList<string> Actions =
    [
        "create", "write", "delete", "start", "stop", "login", "logout", "register", "request_password_reset",
        "connect", "disconnect", "open", "close",
    ];

    internal static readonly IReadOnlyList<string> BuildReasons =
        ["initiator", "autostart", "autostop", "dormancy", "autodelete", "failedstop", "dashboard", "cli", "ssh_connection", "vscode_connection", "jetbrains_connection"];

    /// <summary>Types of the wire; those that modules write come from the modules.</summary>
    internal static readonly IReadOnlyList<string> ForeignResourceTypes =
    [
        "template", "template_version", "workspace", "workspace_build", "group", "license", "health_settings",
        "notifications_settings", "prebuilds_settings", "workspace_proxy", "oauth2_provider_app", "oauth2_provider_app_secret",
        "custom_role", "notification_template", "idp_sync_settings_organization", "idp_sync_settings_group", "idp_sync_settings_role",
        "workspace_agent", "workspace_app", "task", "ai_seat", "ai_provider", "ai_provider_key", "ai_gateway_key", "group_ai_budget", "chat",
        "user_secret",
    ];

    /// <summary>A sentence with places for who and what, for clients that show the log to people.</summary>
    internal static string Describe(string action, string resourceType, int status)
    {
        var parts = new List<string>();
        if (action != "request_password_reset")
        {
            parts.Add("{user}");
        }

        parts.Add(status switch
        {
            303 => $"was redirected while attempting to {action}",
            >= 400 => $"unsuccessfully attempted to {action}",
            _ => PastTense(action),
        });
        if (resourceType == "api_key" && action is "login" or "logout" or "register")
        {
            return string.Join(' ', parts);
        }

        if (resourceType == "git_ssh_key")
        {
            return string.Join(' ', parts.Append("the git ssh key"));
        }

        parts.Add(action == "request_password_reset" ? "for" : Noun(resourceType));
        if (resourceType == "convert_login")
        {
            parts.Add("to");
        }

        return string.Join(' ', parts.Append("{target}"));
    }

    private static string PastTense(string action) => action switch
    {
        "create" => "created",
        "write" => "updated",
        "delete" => "deleted",
        "start" => "started",
        "stop" => "stopped",
        "login" => "logged in",
        "logout" => "logged out",
        "register" => "registered",
        "request_password_reset" => "password reset requested",
        "connect" => "connected",
        "disconnect" => "disconnected",
        "open" => "opened",
        "close" => "closed",
        _ => action,
    };

    private static string Noun(string resourceType) => resourceType switch
    {
        "api_key" => "token",
        "convert_login" => "login type conversion",
        _ => resourceType.Replace('_', ' '),
    };
}
