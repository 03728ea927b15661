namespace Modular.Preferences.Domain;

/// <summary>
/// Every setting that a user can make. This is the only place that names one: columns, requests, answers, the schema that clients read and
/// what operators may set all follow from it. A new setting is a line here and a migration with its column.
/// </summary>
internal static class UserSettings
{
    internal const string AppearanceGroup = "appearance";
    internal const string PreferencesGroup = "preferences";

    private const string ThemePreference = "theme_preference";
    private const string ThemeMode = "theme_mode";
    private const string Sync = "sync";

    private static readonly IReadOnlyList<string> themes =
        ["dark", "dark-protan-deuter", "dark-tritan", "light", "light-protan-deuter", "light-tritan"];

    private static readonly IReadOnlyList<string> fonts = ["fira-code", "geist-mono", "ibm-plex-mono", "jetbrains-mono", "source-code-pro"];

    /// <summary>What clients that knew no modes sent for "follow the system". An empty mode lets newer ones take over from there.</summary>
    private static readonly IReadOnlyList<string> followsSystem = ["auto", "auto-protan-deuter", "auto-tritan"];

    /// <summary>
    /// How the product looks for a user. A request without a mode comes from an older client, which must not erase what it does not know
    /// of: slots count only beside a mode.
    /// </summary>
    internal static readonly SettingsGroup Appearance = new(AppearanceGroup, Table: "appearances", TellsAllProblems: true)
    {
        Fields =
        [
            new(ThemePreference, "The theme, for clients that know but one.") { IsRequired = _ => true, Example = "dark" },
            new(ThemeMode, "Whether the theme follows the system (sync) or is always the same (single).")
            {
                Allowed = ["single", Sync],
                IsCleared = sent => !HasMode(sent) && followsSystem.Contains(sent[ThemePreference]),
                Example = "single",
            },
            new("theme_light", "The theme by day.") { Allowed = themes, IsRequired = FollowsSystem, Counts = HasMode, Example = "light" },
            new("theme_dark", "The theme by night.") { Allowed = themes, IsRequired = FollowsSystem, Counts = HasMode, Example = "dark" },
            new("terminal_font", "The font of terminals.")
            {
                Allowed = fonts,
                IsRequired = sent => sent.Has("terminal_font"), // Absent keeps the font; null and the empty text are refused.
                IsComparedLast = true,
                Example = "ibm-plex-mono",
            },
        ],
    };

    /// <summary>How the product behaves for a user.</summary>
    internal static readonly SettingsGroup Preferences = new(PreferencesGroup, Table: "preferences", TellsAllProblems: false)
    {
        Fields =
        [
            new("task_notification_alert_dismissed", "Whether the hint on task notifications has been dismissed.") { IsBoolean = true, Default = "false" },
            new("thinking_display_mode", "How much of an agent's thinking is shown.")
            {
                Allowed = ["auto", "preview", "always_expanded", "always_collapsed"],
                Default = "auto",
            },
            new("shell_tool_display_mode", "How an agent's shell commands are shown.")
            {
                Allowed = ["auto", "always_expanded", "always_collapsed"],
                Default = "always_collapsed",
            },
            new("code_diff_display_mode", "How changes of code are shown.") { Allowed = ["auto", "always_expanded", "always_collapsed"] },
            new("agent_chat_send_shortcut", "The key that sends a message to an agent.") { Allowed = ["enter", "modifier_enter"], Default = "enter" },
        ],
    };

    internal static readonly IReadOnlyList<SettingsGroup> Groups = [Appearance, Preferences];

    internal static SettingsGroup Group(string name) => Groups.Single(group => group.Name == name);

    private static bool HasMode(SentSettings sent) => sent[ThemeMode].Length > 0;

    private static bool FollowsSystem(SentSettings sent) => sent[ThemeMode] == Sync;
}
