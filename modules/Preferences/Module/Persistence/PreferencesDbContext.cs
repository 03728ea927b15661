using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.Preferences.Domain;
using Modular.SharedKernel.Persistence;

namespace Modular.Preferences.Persistence;

internal sealed class PreferencesDbContext(DbContextOptions<PreferencesDbContext> options) : ModuleDbContext<Owner>(options, SchemaName)
{
    internal const string SchemaName = "preferences";

    public DbSet<AutofillValue> AutofillValues => Set<AutofillValue>();

    public DbSet<GitSshKey> GitSshKeys => Set<GitSshKey>();

    /// <summary>What users have said of a group of settings.</summary>
    internal DbSet<StoredSettings> Stored(SettingsGroup group) => Set<StoredSettings>(group.Table);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var group in UserSettings.Groups)
        {
            modelBuilder.SharedTypeEntity<StoredSettings>(group.Table, settings =>
            {
                settings.ToTable(group.Table);
                settings.HasKey(stored => stored.UserId);
                settings.HasOne<Owner>().WithOne().HasForeignKey(group.Table, nameof(StoredSettings.UserId));
                foreach (var field in group.Fields)
                {
                    var column = settings.IndexerProperty<string?>(field.Name);
                    if (field.IsBoolean)
                    {
                        column.HasConversion(text => text == "true", stored => stored ? "true" : "false");
                    }
                }
            });
        }
    }

    private sealed class AutofillConfiguration : IEntityTypeConfiguration<AutofillValue>
    {
        public void Configure(EntityTypeBuilder<AutofillValue> builder)
        {
            builder.ToTable("autofill_values");
            builder.HasKey(value => new { value.UserId, value.TemplateId, value.Name });
            builder.Property(value => value.Name).UseCollation("C");
            builder.HasOne<Owner>().WithMany().HasForeignKey(value => value.UserId);
        }
    }

    private sealed class GitSshKeyConfiguration : IEntityTypeConfiguration<GitSshKey>
    {
        public void Configure(EntityTypeBuilder<GitSshKey> builder)
        {
            builder.ToTable("git_ssh_keys");
            builder.HasKey(key => key.UserId);
            builder.HasOne<Owner>().WithOne().HasForeignKey<GitSshKey>(key => key.UserId);
        }
    }
}
