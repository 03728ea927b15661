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
    /// know of; empty slots and an absent font keep what is there.
    /// </summary>
    internal void Change(string preference, string mode, string light, string dark, string? font)
    {
        ThemePreference = preference;
        TerminalFont = font ?? TerminalFont;
        if (mode.Length > 0)
        {
            ThemeMode = mode;
            ThemeLight = light.Length > 0 ? light : ThemeLight;
            ThemeDark = dark.Length > 0 ? dark : ThemeDark;
        }
        else if (followsSystem.Contains(preference))
        {
            ThemeMode = "";
        }
    }
}

/// <summary>The guard of a user's settings: locked by every write, and a tombstone once the user is deleted.</summary>
internal sealed class SettingsOwner
{
    public Guid UserId { get; init; }

    public bool Deleted { get; init; }
}
