using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.Preferences.Domain;
using Modular.SharedKernel.Persistence;

namespace Modular.Preferences.Persistence;

internal sealed class PreferencesDbContext(DbContextOptions<PreferencesDbContext> options) : ModuleDbContext(options, SchemaName)
{
    internal const string SchemaName = "preferences";

    public DbSet<SettingsOwner> Owners => Set<SettingsOwner>();

    public DbSet<AutofillValue> AutofillValues => Set<AutofillValue>();

    public DbSet<GitSshKey> GitSshKeys => Set<GitSshKey>();

    /// <summary>What users have said of a group of settings.</summary>
    internal DbSet<StoredSettings> Stored(SettingsGroup group) => Set<StoredSettings>(group.Table);

    /// <summary>
    /// Locks the user's guard row, which the first write makes, so that a write and a deletion in flight wait for each other.
    /// False once the user is deleted.
    /// </summary>
    internal async Task<bool> LockOwnerAsync(Guid userId, CancellationToken ct)
    {
        await Database.ExecuteSqlAsync(
            $"insert into preferences.owners (user_id, deleted) values ({userId}, false) on conflict (user_id) do nothing", ct);
        return await Owners
            .FromSql($"select * from preferences.owners where user_id = {userId} and not deleted for no key update")
            .AsNoTracking()
            .AnyAsync(ct);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var group in UserSettings.Groups)
        {
            modelBuilder.SharedTypeEntity<StoredSettings>(group.Table, settings =>
            {
                settings.ToTable(group.Table);
                settings.HasKey(stored => stored.UserId);
                settings.HasOne<SettingsOwner>().WithOne().HasForeignKey(group.Table, nameof(StoredSettings.UserId));
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

    private sealed class OwnerConfiguration : IEntityTypeConfiguration<SettingsOwner>
    {
        public void Configure(EntityTypeBuilder<SettingsOwner> builder)
        {
            builder.ToTable("owners");
            builder.HasKey(owner => owner.UserId);
        }
    }

    private sealed class AutofillConfiguration : IEntityTypeConfiguration<AutofillValue>
    {
        public void Configure(EntityTypeBuilder<AutofillValue> builder)
        {
            builder.ToTable("autofill_values");
            builder.HasKey(value => new { value.UserId, value.TemplateId, value.Name });
            builder.Property(value => value.Name).UseCollation("C");
            builder.HasOne<SettingsOwner>().WithMany().HasForeignKey(value => value.UserId);
        }
    }

    private sealed class GitSshKeyConfiguration : IEntityTypeConfiguration<GitSshKey>
    {
        public void Configure(EntityTypeBuilder<GitSshKey> builder)
        {
            builder.ToTable("git_ssh_keys");
            builder.HasKey(key => key.UserId);
            builder.HasOne<SettingsOwner>().WithOne().HasForeignKey<GitSshKey>(key => key.UserId);
        }
    }
}
