using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.Host.Experiments.Domain;
using Modular.Host.Plugins.Domain;
using Modular.SharedKernel.Persistence;

namespace Modular.Host.Persistence;

internal sealed class HostDbContext(DbContextOptions<HostDbContext> options) : ModuleDbContext(options, SchemaName), IDataProtectionKeyContext
{
    internal const string SchemaName = "host";

    public DbSet<FeatureSwitch> Features => Set<FeatureSwitch>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public DbSet<PluginRecord> Plugins => Set<PluginRecord>();

    public DbSet<Deployment> Deployments => Set<Deployment>();

    private sealed class ProtectionKeyConfiguration : IEntityTypeConfiguration<DataProtectionKey>
    {
        public void Configure(EntityTypeBuilder<DataProtectionKey> builder) => builder.ToTable("protection_keys");
    }

    private sealed class PluginConfiguration : IEntityTypeConfiguration<PluginRecord>
    {
        public void Configure(EntityTypeBuilder<PluginRecord> builder)
        {
            // That no two have the same schema or flag is in the migration: no request writes this table, and no client is told of it.
            builder.ToTable("plugins");
            builder.HasKey(plugin => plugin.Name);
        }
    }

    private sealed class DeploymentConfiguration : IEntityTypeConfiguration<Deployment>
    {
        public void Configure(EntityTypeBuilder<Deployment> builder)
        {
            // That there is one row is in the migration, which makes it.
            builder.ToTable("deployment");
            builder.Property(deployment => deployment.Singleton).HasDefaultValue(true);
        }
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
