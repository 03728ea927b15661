using System.Text.Json.Serialization;
using Modular.Preferences.Domain;
using Modular.SharedKernel.Web;

namespace Modular.Preferences.Features;

/// <summary>How the product behaves for a user, as it shows.</summary>
[AnswerExample(
    """
    {"task_notification_alert_dismissed":false,"thinking_display_mode":"auto","shell_tool_display_mode":"always_collapsed",
    "code_diff_display_mode":"","agent_chat_send_shortcut":"enter"}
    """)]
internal sealed record PreferencesAnswer(
    bool TaskNotificationAlertDismissed,
    string ThinkingDisplayMode,
    string ShellToolDisplayMode,
    string CodeDiffDisplayMode,
    string AgentChatSendShortcut)
{
    [JsonIgnore]
    internal string ETag => EntityTag.Of(this);

    /// <summary>What shows, with what the user has stored.</summary>
    internal static PreferencesAnswer Of(UserPreferences? stored, OperatorSettings operators) => new(
        operators.Shown(SettingField.TaskNotificationAlertDismissed, TextOf(stored?.TaskNotificationAlertDismissed)) == "true",
        operators.Shown(SettingField.ThinkingDisplayMode, stored?.ThinkingDisplayMode),
        operators.Shown(SettingField.ShellToolDisplayMode, stored?.ShellToolDisplayMode),
        operators.Shown(SettingField.CodeDiffDisplayMode, stored?.CodeDiffDisplayMode),
        operators.Shown(SettingField.AgentChatSendShortcut, stored?.AgentChatSendShortcut));

    /// <summary>As operators write it.</summary>
    internal static string? TextOf(bool? value) => value switch
    {
        true => "true",
        false => "false",
        null => null,
    };
}
