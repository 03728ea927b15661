using Modular.SharedKernel.Settings;

namespace Modular.UserSkills;

/// <summary>How much of a skill's past is kept.</summary>
/// <param name="KeptVersions">Of each skill, the present one included.</param>
internal sealed record SkillSettings(int KeptVersions)
{
    internal static SkillSettings Read(SettingsReader settings) => new(settings.WholeNumber("Skills:KeptVersions", 20, least: 1));
}
