using Mapster;
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
    internal static AppearanceAnswer Of(Appearance appearance) => appearance.Adapt<AppearanceAnswer>(Shapes.Config);
}

/// <summary>How this module's entities become answers. Strict: a member without a source fails a test, not a request.</summary>
internal static class Shapes
{
    internal static readonly TypeAdapterConfig Config = Make();

    private static TypeAdapterConfig Make()
    {
        var config = new TypeAdapterConfig { RequireDestinationMemberSource = true };
        config.NewConfig<Appearance, AppearanceAnswer>();
        return config;
    }
}
