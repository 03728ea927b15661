using System.Security.Cryptography;
using System.Text;

namespace Modular.UserSkills.Domain;

/// <summary>A content that a skill has or had. The newest version is the present content; numbers are never used again.</summary>
internal sealed class SkillVersion
{
    private SkillVersion()
    {
    }

    public Guid SkillId { get; private set; }

    /// <summary>From 1.</summary>
    public int Version { get; private set; }

    public string Content { get; private set; } = "";

    public string Description { get; private set; } = "";

    /// <summary>What <c>sha256sum</c> says of the file.</summary>
    public string ContentSha256 { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public Guid CreatedBy { get; private set; }

    /// <summary>The skill as it is now.</summary>
    internal static SkillVersion Of(Skill skill, int version, Guid by, DateTimeOffset now) => new()
    {
        SkillId = skill.Id,
        Version = version,
        Content = skill.Content,
        Description = skill.Description,
        ContentSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(skill.Content))),
        CreatedAt = now,
        CreatedBy = by,
    };
}
