using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.Audit.Domain;
using Modular.SharedKernel.Persistence;

namespace Modular.Audit.Persistence;

internal sealed class AuditDbContext(DbContextOptions<AuditDbContext> options) : ModuleDbContext(options, SchemaName)
{
    internal const string SchemaName = "audit";

    public DbSet<AuditEntry> Entries => Set<AuditEntry>();

    private sealed class EntryConfiguration : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> builder)
        {
            builder.ToTable("entries");
            builder.Property(entry => entry.Diff).HasColumnType("jsonb");
            builder.Property(entry => entry.AdditionalFields).HasColumnType("jsonb");
            builder.HasIndex(entry => new { entry.Time, entry.Id }).IsDescending();
            builder.HasIndex(entry => new { entry.UserId, entry.Time }).IsDescending(false, true);
            builder.HasIndex(entry => new { entry.ResourceId, entry.Time }).IsDescending(false, true);
            builder.HasIndex(entry => new { entry.ResourceType, entry.Time }).IsDescending(false, true);
            builder.HasIndex(entry => entry.RequestId);
        }
    }
}
