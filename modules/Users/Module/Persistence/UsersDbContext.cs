using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.SharedKernel.Persistence;
using Modular.Users.Mails.Domain;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.Persistence;

internal sealed class UsersDbContext(DbContextOptions<UsersDbContext> options) : ModuleDbContext(options, SchemaName)
{
    internal const string SchemaName = "users";
    internal const string UsernameIndex = "ix_users_username_key";
    internal const string EmailIndex = "ix_users_email_key";
    internal const string OrganizationNameIndex = "ix_organizations_name";
    internal const string MembershipKey = "pk_organization_members";
    internal const string ExternalIdIndex = "ix_users_external_id";

    public DbSet<User> Users => Set<User>();

    public DbSet<Organization> Organizations => Set<Organization>();

    public DbSet<OrganizationMember> OrganizationMembers => Set<OrganizationMember>();

    public DbSet<Mail> Mails => Set<Mail>();

    public DbSet<Passcode> Passcodes => Set<Passcode>();

    public DbSet<PasswordFailure> PasswordFailures => Set<PasswordFailure>();

    public DbSet<KnownNetwork> KnownNetworks => Set<KnownNetwork>();

    public DbSet<UserCount> UserCounts => Set<UserCount>();

    /// <summary>How many users there are.</summary>
    internal async Task<int> CountUsersAsync(CancellationToken ct) => (int)await UserCounts.SumAsync(count => count.Users, ct);

    /// <summary>The database's: the nth part of a text that the separator divides.</summary>
    [DbFunction("split_part", IsBuiltIn = true)]
    internal static string SplitPart(string text, string separator, int n) =>
        throw new NotSupportedException($"Part {n} of {text} by {separator} is taken by the database.");

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasPostgresExtension("pg_trgm");
        base.OnModelCreating(modelBuilder);
    }

    /// <summary>The organizations of which the user is a member, in the order of joining.</summary>
    internal Task<List<Guid>> OrganizationsOfAsync(Guid userId, CancellationToken ct) => OrganizationMembers
        .Where(member => member.UserId == userId)
        .OrderBy(member => member.CreatedAt)
        .Select(member => member.OrganizationId)
        .ToListAsync(ct);

    private sealed class UserConfiguration : IEntityTypeConfiguration<User>
    {
        public void Configure(EntityTypeBuilder<User> builder)
        {
            builder.ToTable("users", table =>
            {
                table.HasCheckConstraint("ck_users_status", "status in ('active', 'dormant', 'suspended')");
                table.HasCheckConstraint("ck_users_login_type", "login_type in ('password', 'github', 'oidc', 'token', 'none')");
            });

            // The keys are compared byte by byte: PostgreSQL's folding would make look-alikes of ASCII letters equal to them.
            builder.Property(u => u.UsernameKey).UseCollation("C");
            builder.Property(u => u.EmailKey).UseCollation("C");
            builder.HasIndex(u => u.UsernameKey).IsUnique().HasFilter("not deleted").HasDatabaseName(UsernameIndex)
                .IncludeProperties(u => u.Id); // Skipping rows of a list reads the index alone.
            builder.HasIndex(u => u.EmailKey).IsUnique().HasFilter("not deleted and email_key <> ''").HasDatabaseName(EmailIndex);
            builder.HasIndex(u => u.EmailKey, "ix_users_deleted_email_key").HasFilter("deleted and email_key <> ''")
                .HasDatabaseName("ix_users_deleted_email_key"); // The log is searched for them too.
            builder.Property(u => u.ExternalId).UseCollation("C");
            builder.HasIndex(u => u.ExternalId).IsUnique().HasFilter("not deleted and external_id is not null").HasDatabaseName(ExternalIdIndex);

            // One for each filter of the list. Those with few values keep the order of the list, so that a page of one value is read in order.
            // Two more, of expressions, are in the migration.
            builder.HasIndex(u => u.SearchText).HasFilter("not deleted").HasMethod("gin").HasOperators("gin_trgm_ops");
            builder.HasIndex(u => u.SearchName).HasFilter("not deleted").HasMethod("gin").HasOperators("gin_trgm_ops");
            builder.HasIndex(u => u.RbacRoles).HasFilter("not deleted").HasMethod("gin");
            builder.HasIndex(u => new { u.Status, u.UsernameKey }).HasFilter("not deleted");
            builder.HasIndex(u => new { u.LoginType, u.UsernameKey }).HasFilter("not deleted");
            builder.HasIndex(u => u.UsernameKey, "ix_users_service_accounts").HasFilter("not deleted and is_service_account")
                .HasDatabaseName("ix_users_service_accounts");
            builder.HasIndex(u => u.CreatedAt).HasFilter("not deleted");
            builder.HasIndex(u => u.LastSeenAt).HasFilter("not deleted");

            // Who is told of changes to users: found without reading all of them.
            builder.HasIndex(u => u.Id).HasFilter("not deleted and rbac_roles && array['owner', 'user-admin']").HasDatabaseName("ix_users_administrators");
        }
    }

    private sealed class OrganizationConfiguration : IEntityTypeConfiguration<Organization>
    {
        public void Configure(EntityTypeBuilder<Organization> builder)
        {
            builder.ToTable("organizations");
            builder.Property(o => o.Name).UseCollation("C");
            builder.HasIndex(o => o.Name).IsUnique().HasDatabaseName(OrganizationNameIndex);
            builder.HasIndex(o => o.IsDefault).IsUnique().HasFilter("is_default");
        }
    }

    private sealed class OrganizationMemberConfiguration : IEntityTypeConfiguration<OrganizationMember>
    {
        public void Configure(EntityTypeBuilder<OrganizationMember> builder)
        {
            builder.ToTable("organization_members");
            builder.HasKey(m => new { m.UserId, m.OrganizationId }).HasName(MembershipKey);
            builder.Ignore(m => m.Username);
            builder.HasIndex(m => m.OrganizationId);
            builder.HasOne<User>().WithMany().HasForeignKey(m => m.UserId);
            builder.HasOne<Organization>().WithMany().HasForeignKey(m => m.OrganizationId);
        }
    }

    private sealed class MailConfiguration : IEntityTypeConfiguration<Mail>
    {
        public void Configure(EntityTypeBuilder<Mail> builder)
        {
            builder.ToTable("mails");
            builder.Property(m => m.Content).HasColumnType("jsonb");
            builder.HasIndex(m => m.DueAt);
            builder.HasIndex(m => m.RecipientId);
        }
    }

    private sealed class PasswordFailureConfiguration : IEntityTypeConfiguration<PasswordFailure>
    {
        public void Configure(EntityTypeBuilder<PasswordFailure> builder)
        {
            builder.ToTable("password_failures");
            builder.HasKey(failure => new { failure.Account, failure.Network });
            builder.Property(failure => failure.Network).UseCollation("C");
            builder.HasIndex(failure => failure.LastAt);
        }
    }

    private sealed class KnownNetworkConfiguration : IEntityTypeConfiguration<KnownNetwork>
    {
        public void Configure(EntityTypeBuilder<KnownNetwork> builder)
        {
            builder.ToTable("known_networks");
            builder.HasKey(known => known.Network);
            builder.Property(known => known.Network).UseCollation("C");
            builder.HasIndex(known => known.LastLoginAt);
        }
    }

    private sealed class UserCountConfiguration : IEntityTypeConfiguration<UserCount>
    {
        public void Configure(EntityTypeBuilder<UserCount> builder)
        {
            // Half of each page is left free, so that a row that changes all the time stays on its page.
            builder.ToTable("user_counts").HasStorageParameter("fillfactor", 50);
            builder.HasKey(count => count.Shard);
            builder.Property(count => count.Shard).ValueGeneratedNever();
        }
    }

    private sealed class StoredSecretConfiguration : IEntityTypeConfiguration<StoredSecret>
    {
        public void Configure(EntityTypeBuilder<StoredSecret> builder)
        {
            builder.ToTable("secrets");
            builder.HasKey(secret => secret.Name);
        }
    }

    private sealed class PasscodeConfiguration : IEntityTypeConfiguration<Passcode>
    {
        public void Configure(EntityTypeBuilder<Passcode> builder)
        {
            builder.ToTable("passcodes");
            builder.HasKey(p => p.UserId);
        }
    }
}
