using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.SharedKernel.Persistence;
using Modular.Users.Domain;

namespace Modular.Users.Persistence;

internal sealed class UsersDbContext(DbContextOptions<UsersDbContext> options) : ModuleDbContext(options, SchemaName)
{
    internal const string SchemaName = "users";
    internal const string UsernameIndex = "ix_users_username_key";
    internal const string EmailIndex = "ix_users_email_key";
    internal const string OrganizationNameIndex = "ix_organizations_name";
    internal const string MembershipKey = "pk_organization_members";

    public DbSet<User> Users => Set<User>();

    public DbSet<Organization> Organizations => Set<Organization>();

    public DbSet<OrganizationMember> OrganizationMembers => Set<OrganizationMember>();

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
            builder.HasIndex(u => u.UsernameKey).IsUnique().HasFilter("not deleted").HasDatabaseName(UsernameIndex);
            builder.HasIndex(u => u.EmailKey).IsUnique().HasFilter("not deleted and email_key <> ''").HasDatabaseName(EmailIndex);
            builder.Property(u => u.SearchText).HasComputedColumnSql("lower(username || ' ' || email || ' ' || name)", stored: true);
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
}
