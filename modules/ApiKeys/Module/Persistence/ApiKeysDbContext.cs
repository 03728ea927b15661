using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Persistence;

namespace Modular.ApiKeys.Persistence;

internal sealed class ApiKeysDbContext(DbContextOptions<ApiKeysDbContext> options) : ModuleDbContext<KeyOwner>(options, SchemaName)
{
    internal const string SchemaName = "api_keys";

    public DbSet<ApiKey> Keys => Set<ApiKey>();

    /// <summary>The user's sessions that are good for something.</summary>
    internal IQueryable<ApiKey> LiveSessions(Guid userId, DateTimeOffset now) =>
        Keys.Where(key => key.UserId == userId && key.LoginType != ApiKey.TokenLoginType && key.ExpiresAt > now);

    /// <summary>A key that is there, locked.</summary>
    internal Task<ApiKey?> LockKeyAsync(string id, CancellationToken ct) => Keys
        .FromSql($"select * from api_keys.keys where id = {id} for no key update")
        .SingleOrDefaultAsync(ct);

    /// <summary>
    /// The user's guard row, locked: a key is not made while the user is being deleted, nor beyond the limit by two requests at
    /// once. Null for a user that does not exist here. The row of the user who makes it too, in the order in which all lock them.
    /// </summary>
    internal async Task<KeyOwner?> LockOwnerAsync(Guid userId, Guid? makerId, CancellationToken ct) =>
        (await LockOwnersAsync([userId, makerId ?? userId], ct)).Find(owner => owner.UserId == userId);

    private sealed class KeyConfiguration : IEntityTypeConfiguration<ApiKey>
    {
        public void Configure(EntityTypeBuilder<ApiKey> builder)
        {
            builder.ToTable("keys", table => table.HasCheckConstraint("ck_keys_allow_list", "cardinality(allow_list) > 0"));
            builder.HasKey(key => key.Id);
            builder.Property(key => key.Id).UseCollation("C");
            builder.HasIndex(key => new { key.UserId, key.TokenName })
                .IsUnique()
                .HasFilter("login_type = 'token' and revoked_at is null")
                .HasDatabaseName("ix_keys_token_name");
            builder.HasIndex(key => key.UserId);
            builder.HasIndex(key => new { key.CreatedAt, key.Id }).HasFilter("login_type = 'token'");
            builder.HasIndex(key => key.ExpiresAt);
            builder.HasIndex(key => key.RevokedAt).HasFilter("revoked_at is not null");
            builder.HasQueryFilter(key => key.RevokedAt == null);
            builder.HasOne<KeyOwner>().WithMany().HasForeignKey(key => key.UserId);
        }
    }

    private sealed class OwnerConfiguration : IEntityTypeConfiguration<KeyOwner>
    {
        public void Configure(EntityTypeBuilder<KeyOwner> builder)
        {
            // Of a user whose deletion is all that was heard of.
            builder.Property(owner => owner.Username).HasDefaultValue("");
            builder.Property(owner => owner.Status).HasDefaultValue("");
            builder.Property(owner => owner.Roles).HasDefaultValueSql("array[]::text[]");
            builder.Property(owner => owner.OrganizationRoles).HasDefaultValueSql("array[]::text[]");
            builder.Property(owner => owner.Epoch).HasDefaultValue(0L);
        }
    }
}
