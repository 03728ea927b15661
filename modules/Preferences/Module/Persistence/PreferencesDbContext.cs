using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.Preferences.Domain;
using Modular.SharedKernel.Persistence;

namespace Modular.Preferences.Persistence;

internal sealed class PreferencesDbContext(DbContextOptions<PreferencesDbContext> options) : ModuleDbContext(options, SchemaName)
{
    internal const string SchemaName = "preferences";

    public DbSet<SettingsOwner> Owners => Set<SettingsOwner>();

    public DbSet<Appearance> Appearances => Set<Appearance>();

    public DbSet<UserPreferences> Preferences => Set<UserPreferences>();

    public DbSet<AutofillValue> AutofillValues => Set<AutofillValue>();

    public DbSet<GitSshKey> GitSshKeys => Set<GitSshKey>();

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

    private sealed class OwnerConfiguration : IEntityTypeConfiguration<SettingsOwner>
    {
        public void Configure(EntityTypeBuilder<SettingsOwner> builder)
        {
            builder.ToTable("owners");
            builder.HasKey(owner => owner.UserId);
        }
    }

    private sealed class AppearanceConfiguration : IEntityTypeConfiguration<Appearance>
    {
        public void Configure(EntityTypeBuilder<Appearance> builder)
        {
            builder.ToTable("appearances");
            builder.HasKey(appearance => appearance.UserId);
            builder.HasOne<SettingsOwner>().WithOne().HasForeignKey<Appearance>(appearance => appearance.UserId);
        }
    }

    private sealed class PreferencesConfiguration : IEntityTypeConfiguration<UserPreferences>
    {
        public void Configure(EntityTypeBuilder<UserPreferences> builder)
        {
            builder.ToTable("preferences");
            builder.HasKey(preferences => preferences.UserId);
            builder.HasOne<SettingsOwner>().WithOne().HasForeignKey<UserPreferences>(preferences => preferences.UserId);
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
