using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.SharedKernel.Persistence;

namespace SampleExperiment.Persistence;

/// <summary>The table owners, to which entries refer, comes with <see cref="ModuleDbContext{TOwner}"/>.</summary>
internal sealed class SampleExperimentDbContext(DbContextOptions<SampleExperimentDbContext> options)
    : ModuleDbContext<Owner>(options, SchemaName)
{
    internal const string SchemaName = "sample_experiment";

    public DbSet<Entry> Entries => Set<Entry>();

    private sealed class EntryConfiguration : IEntityTypeConfiguration<Entry>
    {
        public void Configure(EntityTypeBuilder<Entry> builder)
        {
            builder.ToTable("entries");
            builder.HasIndex(entry => entry.UserId);
            builder.HasOne<Owner>().WithMany().HasForeignKey(entry => entry.UserId);
        }
    }

    /// <summary>For <c>dotnet ef migrations add</c> alone.</summary>
    private sealed class AtDesignTime : IDesignTimeDbContextFactory<SampleExperimentDbContext>
    {
        public SampleExperimentDbContext CreateDbContext(string[] args) =>
            new(ModuleDbContextRegistration.OptionsAtDesignTime<SampleExperimentDbContext>(SchemaName));
    }
}

internal sealed class Entry
{
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    public string Text { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
}
