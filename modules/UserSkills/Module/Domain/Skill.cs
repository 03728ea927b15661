using Modular.SharedKernel.Persistence;

namespace Modular.UserSkills.Domain;

/// <summary>A personal skill: the SKILL.md as it was sent, and copies of what its frontmatter says.</summary>
internal sealed class Skill
{
    internal const string ResourceType = "user_skill";

    internal const int MaxPerUser = 100;

    internal static readonly AuditShape<Skill> AuditShape = new AuditShape<Skill>()
        .Shows("id", s => s.Id)
        .Shows("user_id", s => s.UserId)
        .Shows("name", s => s.Name)
        .Shows("description", s => s.Description)
        .Shows("content", s => s.Content)
        .Shows("enabled", s => s.Enabled)
        .Ignores("created_at", "updated_at");

    private Skill()
    {
    }

    public Guid Id { get; private set; }

    public Guid UserId { get; private set; }

    /// <summary>Never changes.</summary>
    public string Name { get; private set; } = "";

    public string Description { get; private set; } = "";

    /// <summary>Byte for byte as it was sent.</summary>
    public string Content { get; private set; } = "";

    public bool Enabled { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    internal static Skill Write(Guid userId, SkillFile file, string content, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserId = userId,
        Name = file.Name,
        Description = file.Description,
        Content = content,
        Enabled = true,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>Content and what its frontmatter says are replaced together.</summary>
    internal void Rewrite(string description, string content)
    {
        Description = description;
        Content = content;
    }

    internal void Switch(bool enabled) => Enabled = enabled;

    /// <summary>Every update counts, also one that changes nothing.</summary>
    internal void Touch(DateTimeOffset now) => UpdatedAt = now;
}

/// <summary>The guard row of a user's skills. Under its lock the bytes that are written in a day are counted here.</summary>
internal sealed class SkillOwner : Owner
{
    /// <summary>The latest day (UTC) on which anything was written; null where nothing was.</summary>
    public DateOnly? WrittenOn { get; init; }

    /// <summary>On that day.</summary>
    public long WrittenBytes { get; init; }
}
