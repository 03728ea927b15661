using Modular.SharedKernel.Settings;

namespace Modular.Preferences.Domain;

/// <summary>How much clients may record for a user.</summary>
internal sealed record AutofillSettings(int Templates)
{
    internal static AutofillSettings Read(SettingsReader settings) => new(settings.WholeNumber("Limits:AutofillTemplates", 200, least: 1));
}
