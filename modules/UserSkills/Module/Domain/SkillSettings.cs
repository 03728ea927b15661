using Modular.SharedKernel.Settings;

namespace Modular.UserSkills.Domain;

/// <summary>How much of skills' past is kept, and may be made.</summary>
/// <param name="KeptVersions">Of each skill, the present one included.</param>
/// <param name="BytesPerDay">That the writes of a user's skills may add to log and versions; 0 or less for any number.</param>
internal sealed record SkillSettings(int KeptVersions, int BytesPerDay)
{
    internal static SkillSettings Read(SettingsReader settings) => new(
        settings.WholeNumber("Skills:KeptVersions", 20, least: 1),
        settings.WholeNumber("Limits:SkillBytesPerDay", 64 * 1024 * 1024));
}
