using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.SharedKernel.Persistence;
using Modular.UserSkills.Domain;

namespace Modular.UserSkills.Persistence;

internal sealed class UserSkillsDbContext(DbContextOptions<UserSkillsDbContext> options) : ModuleDbContext<SkillOwner>(options, SchemaName)
{
    internal const string SchemaName = "user_skills";

    // Raised by a trigger, for what no constraint of a table can say; their names are the interface, as are those of constraints.
    internal const string OwnerDeletedConstraint = "user_skill_user_deleted";
    internal const string PerUserLimitConstraint = "skills_per_user_limit";
    internal const string NameIndex = "ix_skills_user_id_name";

    public DbSet<Skill> Skills => Set<Skill>();

    public DbSet<SkillVersion> Versions => Set<SkillVersion>();

    /// <summary>The skill, locked for the rest of the transaction.</summary>
    internal Task<Skill?> LockSkillAsync(Guid userId, string name, CancellationToken ct) => Skills
        .FromSql($"select * from user_skills.skills where user_id = {userId} and name = {name} for update")
        .SingleOrDefaultAsync(ct);

    /// <summary>
    /// Locks the user's guard row. False once the user is deleted, which the edge knows too: of a deletion before it was installed this
    /// module was never told.
    /// </summary>
    internal async Task<bool> LockOwnerAsync(Target user, CancellationToken ct) => !user.IsDeleted && await LockOwnerAsync(user.Id, ct);

    /// <summary>
    /// Counts what a write adds today to what is kept of the user's skills; false, and nothing is counted, where that is more than a day
    /// may have. The user's guard row is locked.
    /// </summary>
    internal async Task<bool> SpendAsync(Guid userId, long bytes, DateOnly today, long most, CancellationToken ct) =>
        await Database.ExecuteSqlAsync(
            $"""
            update user_skills.owners set
                written_bytes = case when written_on >= {today} then written_bytes else 0 end + {bytes},
                written_on = greatest(written_on, {today})
            where user_id = {userId} and case when written_on >= {today} then written_bytes else 0 end + {bytes} <= {most}
            """,
            ct) > 0;

    private sealed class OwnerConfiguration : IEntityTypeConfiguration<SkillOwner>
    {
        public void Configure(EntityTypeBuilder<SkillOwner> builder) => builder.Property(owner => owner.WrittenBytes).HasDefaultValue(0L);
    }

    private sealed class SkillConfiguration : IEntityTypeConfiguration<Skill>
    {
        public void Configure(EntityTypeBuilder<Skill> builder)
        {
            builder.ToTable("skills", table =>
            {
                table.HasCheckConstraint("skills_name_format", $"name ~ '{SkillFile.NamePattern}'");
                table.HasCheckConstraint("skills_name_size", $"octet_length(name) <= {SkillFile.MaxNameBytes}");
                table.HasCheckConstraint("skills_description_size", $"octet_length(description) <= {SkillFile.MaxDescriptionBytes}");
                table.HasCheckConstraint("skills_content_size", $"octet_length(content) <= {SkillFile.MaxContentBytes}");
                table.HasTrigger("skills_guard");
            });
            builder.Property(skill => skill.Name).UseCollation("C");
            builder.HasIndex(skill => new { skill.UserId, skill.Name }).IsUnique().HasDatabaseName(NameIndex);
            builder.HasOne<SkillOwner>().WithMany().HasForeignKey(skill => skill.UserId);
        }
    }

    private sealed class VersionConfiguration : IEntityTypeConfiguration<SkillVersion>
    {
        public void Configure(EntityTypeBuilder<SkillVersion> builder)
        {
            builder.ToTable("skill_versions", table =>
            {
                table.HasCheckConstraint("skill_versions_description_size", $"octet_length(description) <= {SkillFile.MaxDescriptionBytes}");
                table.HasCheckConstraint("skill_versions_content_size", $"octet_length(content) <= {SkillFile.MaxContentBytes}");
            });
            builder.HasKey(version => new { version.SkillId, version.Version });
            builder.HasOne<Skill>().WithMany().HasForeignKey(version => version.SkillId);
        }
    }
}
