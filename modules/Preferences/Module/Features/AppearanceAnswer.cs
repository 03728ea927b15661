using System.Text.Json.Serialization;
using Modular.Preferences.Domain;
using Modular.SharedKernel.Web;

namespace Modular.Preferences.Features;

/// <summary>The appearance settings of a user; the empty text where nothing has been set.</summary>
[AnswerExample(
    """
    {"theme_preference":"dark","theme_mode":"single","theme_light":"light","theme_dark":"dark","terminal_font":"ibm-plex-mono"}
    """)]
internal sealed record AppearanceAnswer(string ThemePreference, string ThemeMode, string ThemeLight, string ThemeDark, string TerminalFont)
{
    [JsonIgnore]
    internal string ETag => EntityTag.Of(this);

    /// <summary>What shows, with what the user has stored.</summary>
    internal static AppearanceAnswer Of(Appearance? stored, OperatorSettings operators) => new(
        operators.Shown(SettingField.ThemePreference, stored?.ThemePreference),
        operators.Shown(SettingField.ThemeMode, stored?.ThemeMode),
        operators.Shown(SettingField.ThemeLight, stored?.ThemeLight),
        operators.Shown(SettingField.ThemeDark, stored?.ThemeDark),
        operators.Shown(SettingField.TerminalFont, stored?.TerminalFont));
}
