namespace Modular.Audit.Domain;

/// <summary>Words of the wire that a filter may name, whether or not this product ever writes them.</summary>
internal static class AuditVocabulary
{
    private const string Register = "register";

    internal static readonly IReadOnlyList<string> Actions =
    [
        AuditAction.Create, AuditAction.Write, AuditAction.Delete, "start", "stop", AuditAction.Login, AuditAction.Logout, Register,
        AuditAction.RequestPasswordReset, "connect", "disconnect", "open", "close",
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
    /// <param name="action">What was done, or tried.</param>
    /// <param name="phrase">What it was done to, with a place for its name; null for an action that says it.</param>
    /// <param name="status">That was answered.</param>
    internal static string Describe(string action, string phrase, int status)
    {
        var verb = status switch
        {
            StatusCodes.Status303SeeOther => $"was redirected while attempting to {action}",
            >= StatusCodes.Status400BadRequest => $"unsuccessfully attempted to {action}",
            _ => PastTense(action),
        };
        return action switch
        {
            AuditAction.Login or AuditAction.Logout or Register => $"{{user}} {verb}",
            AuditAction.RequestPasswordReset => $"{verb} for {{target}}",
            _ => $"{{user}} {verb} {phrase}",
        };
    }

    private static string PastTense(string action) => action switch
    {
        AuditAction.Create => "created",
        AuditAction.Write => "updated",
        AuditAction.Delete => "deleted",
        "start" => "started",
        "stop" => "stopped",
        AuditAction.Login => "logged in",
        AuditAction.Logout => "logged out",
        Register => "registered",
        AuditAction.RequestPasswordReset => "password reset requested",
        "connect" => "connected",
        "disconnect" => "disconnected",
        "open" => "opened",
        "close" => "closed",
        _ => action,
    };
}
