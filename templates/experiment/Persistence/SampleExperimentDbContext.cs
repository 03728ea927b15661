using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.SharedKernel.Persistence;

namespace SampleExperiment.Persistence;

internal sealed class SampleExperimentDbContext(DbContextOptions<SampleExperimentDbContext> options) : ModuleDbContext(options, SchemaName)
{
    internal const string SchemaName = "sample_experiment";

    public DbSet<EntryOwner> Owners => Set<EntryOwner>();

    public DbSet<Entry> Entries => Set<Entry>();

    /// <summary>
    /// Locks the user's row, so that a write and a deletion of the same user wait for each other. False once the user is deleted.
    /// </summary>
    internal async Task<bool> LockOwnerAsync(Guid userId, CancellationToken ct)
    {
        await Database.ExecuteSqlAsync(
            $"insert into sample_experiment.owners (user_id, deleted) values ({userId}, false) on conflict (user_id) do nothing", ct);
        return await Owners
            .FromSql($"select * from sample_experiment.owners where user_id = {userId} and not deleted for share")
            .AsNoTracking()
            .AnyAsync(ct);
    }

    private sealed class OwnerConfiguration : IEntityTypeConfiguration<EntryOwner>
    {
        public void Configure(EntityTypeBuilder<EntryOwner> builder)
        {
            builder.ToTable("owners");
            builder.HasKey(owner => owner.UserId);
        }
    }

    private sealed class EntryConfiguration : IEntityTypeConfiguration<Entry>
    {
        public void Configure(EntityTypeBuilder<Entry> builder)
        {
            builder.ToTable("entries");
            builder.HasIndex(entry => entry.UserId);
            builder.HasOne<EntryOwner>().WithMany().HasForeignKey(entry => entry.UserId);
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

/// <summary>What the experiment keeps of a user: whether there still is one.</summary>
internal sealed class EntryOwner
{
    public Guid UserId { get; init; }

    public bool Deleted { get; init; }
}
