using System.Text;

namespace Modular.Preferences.Domain;

/// <summary>A setting that a user can make: its name on the wire, what it may hold, and what holds where nobody has said anything.</summary>
/// <param name="Name">As clients write it.</param>
/// <param name="Group">The route that reads and writes it: <c>appearance</c> or <c>preferences</c>.</param>
/// <param name="Description">For people.</param>
internal sealed record SettingField(string Name, string Group, string Description)
{
    private const string AppearanceGroup = "appearance";
    private const string PreferencesGroup = "preferences";

    /// <summary>The values of a text setting; null where it is free, or no text.</summary>
    internal IReadOnlyList<string>? Allowed { get; private init; }

    internal bool IsBoolean { get; private init; }

    /// <summary>Where neither the user nor the operator has said anything.</summary>
    internal string Default { get; private init; } = "";

    internal const int MaxFreeBytes = 256;

    internal static readonly SettingField ThemePreference =
        new("theme_preference", AppearanceGroup, "The theme, for clients that know but one.");

    internal static readonly SettingField ThemeMode =
        new("theme_mode", AppearanceGroup, "Whether the theme follows the system (sync) or is always the same (single).") { Allowed = Appearance.Modes };

    internal static readonly SettingField ThemeLight = new("theme_light", AppearanceGroup, "The theme by day.") { Allowed = Appearance.Themes };

    internal static readonly SettingField ThemeDark = new("theme_dark", AppearanceGroup, "The theme by night.") { Allowed = Appearance.Themes };

    internal static readonly SettingField TerminalFont =
        new("terminal_font", AppearanceGroup, "The font of terminals.") { Allowed = Appearance.Fonts };

    internal static readonly SettingField TaskNotificationAlertDismissed =
        new("task_notification_alert_dismissed", PreferencesGroup, "Whether the hint on task notifications has been dismissed.")
        {
            IsBoolean = true,
            Default = "false",
        };

    internal static readonly SettingField ThinkingDisplayMode =
        new("thinking_display_mode", PreferencesGroup, "How much of an agent's thinking is shown.")
        {
            Allowed = ["auto", "preview", "always_expanded", "always_collapsed"],
            Default = "auto",
        };

    internal static readonly SettingField ShellToolDisplayMode =
        new("shell_tool_display_mode", PreferencesGroup, "How an agent's shell commands are shown.")
        {
            Allowed = ["auto", "always_expanded", "always_collapsed"],
            Default = "always_collapsed",
        };

    internal static readonly SettingField CodeDiffDisplayMode =
        new("code_diff_display_mode", PreferencesGroup, "How changes of code are shown.") { Allowed = ["auto", "always_expanded", "always_collapsed"] };

    internal static readonly SettingField AgentChatSendShortcut =
        new("agent_chat_send_shortcut", PreferencesGroup, "The key that sends a message to an agent.")
        {
            Allowed = ["enter", "modifier_enter"],
            Default = "enter",
        };

    /// <summary>All of them, in the order of the answers.</summary>
    internal static readonly IReadOnlyList<SettingField> All =
    [
        ThemePreference, ThemeMode, ThemeLight, ThemeDark, TerminalFont,
        TaskNotificationAlertDismissed, ThinkingDisplayMode, ShellToolDisplayMode, CodeDiffDisplayMode, AgentChatSendShortcut,
    ];

    /// <summary>What is wrong with a value that somebody gives, and what would be right; null where nothing is.</summary>
    internal string? Problem(string value) =>
        IsBoolean ? value is "true" or "false" ? null : "Use true or false."
        : Allowed is { } allowed ? allowed.Contains(value) ? null : $"Use one of {string.Join(", ", allowed)}."
        : Encoding.UTF8.GetByteCount(value) > MaxFreeBytes ? $"Use at most {MaxFreeBytes} bytes."
        : null;
}
