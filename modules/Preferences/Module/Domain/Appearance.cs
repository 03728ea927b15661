namespace Modular.Preferences.Domain;

/// <summary>How the product looks for a user. Everything is the empty text until it is set.</summary>
internal sealed class Appearance
{
    internal const string Sync = "sync";
    internal const string Single = "single";

    internal static readonly IReadOnlyList<string> Modes = [Single, Sync];

    internal static readonly IReadOnlyList<string> Themes =
        ["dark", "dark-protan-deuter", "dark-tritan", "light", "light-protan-deuter", "light-tritan"];

    internal static readonly IReadOnlyList<string> Fonts = ["fira-code", "geist-mono", "ibm-plex-mono", "jetbrains-mono", "source-code-pro"];

    /// <summary>What clients that knew no modes sent for "follow the system". An empty mode lets newer ones take over from there.</summary>
    private static readonly IReadOnlyList<string> followsSystem = ["auto", "auto-protan-deuter", "auto-tritan"];

    private Appearance()
    {
    }

    internal Appearance(Guid userId) => UserId = userId;

    public Guid UserId { get; private set; }

    public string ThemePreference { get; private set; } = "";

    public string ThemeMode { get; private set; } = "";

    public string ThemeLight { get; private set; } = "";

    public string ThemeDark { get; private set; } = "";

    public string TerminalFont { get; private set; } = "";

    /// <summary>
    /// Changes what a request may change. One without a mode comes from an older client, which must not erase what it does not
    /// know of; empty slots and an absent font keep what is there, as do fields that are locked.
    /// </summary>
    internal void Change(string preference, string mode, string light, string dark, string? font, Predicate<SettingField> isLocked)
    {
        ThemePreference = Unlocked(SettingField.ThemePreference, ThemePreference, preference);
        TerminalFont = Unlocked(SettingField.TerminalFont, TerminalFont, font ?? "");
        if (mode.Length > 0)
        {
            ThemeMode = Unlocked(SettingField.ThemeMode, ThemeMode, mode);
            ThemeLight = Unlocked(SettingField.ThemeLight, ThemeLight, light);
            ThemeDark = Unlocked(SettingField.ThemeDark, ThemeDark, dark);
        }
        else if (followsSystem.Contains(preference) && !isLocked(SettingField.ThemeMode))
        {
            ThemeMode = "";
        }

        string Unlocked(SettingField field, string kept, string sent) => sent.Length == 0 || isLocked(field) ? kept : sent;
    }
}

/// <summary>The guard of a user's settings: locked by every write, and a tombstone once the user is deleted.</summary>
internal sealed class SettingsOwner
{
    public Guid UserId { get; init; }

    public bool Deleted { get; init; }
}
