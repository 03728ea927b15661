using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Modular.SharedKernel.Persistence;
using Notes.Domain;

namespace Notes.Persistence;

internal sealed class NotesDbContext(DbContextOptions<NotesDbContext> options) : ModuleDbContext(options, SchemaName)
{
    internal const string SchemaName = "notes";

    public DbSet<NoteOwner> Owners => Set<NoteOwner>();

    public DbSet<Note> Notes => Set<Note>();

    /// <summary>Makes writes and a deletion of the same user wait for each other. False once the user is deleted.</summary>
    internal async Task<bool> LockOwnerAsync(Guid userId, CancellationToken ct)
    {
        await Database.ExecuteSqlAsync($"insert into notes.owners (user_id, deleted) values ({userId}, false) on conflict (user_id) do nothing", ct);
        return await Owners
            .FromSql($"select * from notes.owners where user_id = {userId} and not deleted for no key update")
            .AsNoTracking()
            .AnyAsync(ct);
    }

    private sealed class OwnerConfiguration : IEntityTypeConfiguration<NoteOwner>
    {
        public void Configure(EntityTypeBuilder<NoteOwner> builder)
        {
            builder.ToTable("owners");
            builder.HasKey(owner => owner.UserId);
        }
    }

    private sealed class NoteConfiguration : IEntityTypeConfiguration<Note>
    {
        public void Configure(EntityTypeBuilder<Note> builder)
        {
            builder.ToTable("notes");
            builder.HasIndex(note => new { note.UserId, note.WrittenAt });
            builder.HasOne<NoteOwner>().WithMany().HasForeignKey(note => note.UserId);
        }
    }

    /// <summary>For <c>dotnet ef migrations add</c> alone.</summary>
    private sealed class AtDesignTime : IDesignTimeDbContextFactory<NotesDbContext>
    {
        public NotesDbContext CreateDbContext(string[] args) => new(ModuleDbContextRegistration.OptionsAtDesignTime<NotesDbContext>(SchemaName));
    }
}
