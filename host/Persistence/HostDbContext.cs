using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.Host.Experiments.Domain;
using Modular.SharedKernel.Persistence;

namespace Modular.Host.Persistence;

internal sealed class HostDbContext(DbContextOptions<HostDbContext> options) : ModuleDbContext(options, SchemaName), IDataProtectionKeyContext
{
    internal const string SchemaName = "host";

    public DbSet<FeatureSwitch> Features => Set<FeatureSwitch>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    private sealed class ProtectionKeyConfiguration : IEntityTypeConfiguration<DataProtectionKey>
    {
        public void Configure(EntityTypeBuilder<DataProtectionKey> builder) => builder.ToTable("protection_keys");
    }

    private sealed class FeatureSwitchConfiguration : IEntityTypeConfiguration<FeatureSwitch>
    {
        public void Configure(EntityTypeBuilder<FeatureSwitch> builder)
        {
            builder.ToTable("features");
            builder.HasKey(feature => feature.Name);
            builder.Property(feature => feature.Rollout).HasColumnType("jsonb");
        }
    }
}
