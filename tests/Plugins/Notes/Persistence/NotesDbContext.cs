using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.SharedKernel.Persistence;
using Notes.Domain;

namespace Notes.Persistence;

internal sealed class NotesDbContext(DbContextOptions<NotesDbContext> options) : ModuleDbContext<Owner>(options, SchemaName)
{
    internal const string SchemaName = "notes";

    public DbSet<Note> Notes => Set<Note>();

    private sealed class NoteConfiguration : IEntityTypeConfiguration<Note>
    {
        public void Configure(EntityTypeBuilder<Note> builder)
        {
            builder.ToTable("notes");
            builder.HasIndex(note => new { note.UserId, note.WrittenAt });
            builder.HasOne<Owner>().WithMany().HasForeignKey(note => note.UserId);
        }
    }

    /// <summary>For <c>dotnet ef migrations add</c> alone.</summary>
    private sealed class AtDesignTime : IDesignTimeDbContextFactory<NotesDbContext>
    {
        public NotesDbContext CreateDbContext(string[] args) => new(ModuleDbContextRegistration.OptionsAtDesignTime<NotesDbContext>(SchemaName));
    }
}
