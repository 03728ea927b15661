namespace Modular.UserSkills.Domain;

/// <summary>How often a user's skills may be written.</summary>
internal static class SkillLimits
{
    internal static readonly RateLimit Writes = new("SkillWrites", 120, TimeSpan.FromMinutes(1), AcrossRoutes: true);
}
