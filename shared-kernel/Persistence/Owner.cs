using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Modular.SharedKernel.Persistence;

/// <summary>
/// The guard row of a user: what a module keeps of each user at the least. Every write of something of the user's locks it first, so that the
/// write and a deletion of the user wait for each other, and it stays when the user is deleted, so that what comes later is refused. A
/// module that keeps more of a user derives from it; what is added has a default in the database or is null.
/// </summary>
public class Owner
{
    /// <summary>The user.</summary>
    public Guid UserId { get; init; }

    /// <summary>Whether the user has been deleted. Nothing makes it false again.</summary>
    public bool Deleted { get; init; }
}

/// <summary>
/// The context of a module that keeps something of users: its table <c>owners</c> has their guard rows, to which the other tables refer.
/// </summary>
/// <typeparam name="TOwner"><see cref="Owner"/>, or what derives from it.</typeparam>
public abstract class ModuleDbContext<TOwner> : ModuleDbContext
    where TOwner : Owner
{
    private const string Table = "owners";

    private readonly string schema;

    /// <summary>Binds the context to the module's schema.</summary>
    protected ModuleDbContext(DbContextOptions options, string schema)
        : base(options, schema) => this.schema = schema;

    /// <summary>The guard rows.</summary>
    public DbSet<TOwner> Owners => Set<TOwner>();

    private string QuotedTable => this.GetService<ISqlGenerationHelper>().DelimitIdentifier(Table, schema);

    /// <summary>
    /// Locks the user's guard row, which the first write makes: writes of the same user go one after another, so that what one of them
    /// reads or counts of the user's is still so when it writes. False once the user is deleted: then nothing may be written.
    /// </summary>
    public Task<bool> LockOwnerAsync(Guid userId, CancellationToken ct) => LockOrMakeAsync(userId, "for no key update", ct);

    /// <summary>
    /// The same for a write that reads and counts nothing of the user's: it waits for a deletion of the user, and a deletion for it, but
    /// not for other writes.
    /// </summary>
    public Task<bool> LockOwnerSharedAsync(Guid userId, CancellationToken ct) => LockOrMakeAsync(userId, "for share", ct);

    /// <summary>
    /// Marks the user as deleted, whether there is a guard row yet or not. It waits for writes that are under way, so that all they have
    /// written can be deleted after it, and those that come later are refused. For a module's reaction to the deletion of a user.
    /// </summary>
    public Task BuryOwnerAsync(Guid userId, CancellationToken ct)
    {
        var bury = $"insert into {QuotedTable} (user_id, deleted) values ({{0}}, true) on conflict (user_id) do update set deleted = true";
        return Database.ExecuteSqlRawAsync(bury, [userId], ct);
    }

    /// <summary>Locks those of the guard rows that are there, in the order in which all lock them, so that no two wait for each other in a ring.</summary>
    protected Task<List<TOwner>> LockOwnersAsync(Guid[] userIds, CancellationToken ct) => LockAsync(userIds, "for no key update", ct);

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TOwner>(owner =>
        {
            owner.ToTable(Table);
            owner.HasKey(o => o.UserId);
        });
        base.OnModelCreating(modelBuilder);
    }

    private async Task<bool> LockOrMakeAsync(Guid userId, string strength, CancellationToken ct)
    {
        var make = $"insert into {QuotedTable} (user_id, deleted) values ({{0}}, false) on conflict (user_id) do nothing";
        await Database.ExecuteSqlRawAsync(make, [userId], ct);

        // A statement of its own: it sees the row of another transaction that the first one has waited for, as that has left it.
        return await LockAsync([userId], strength, ct) is [{ Deleted: false }];
    }

    private Task<List<TOwner>> LockAsync(Guid[] userIds, string strength, CancellationToken ct)
    {
        var rows = $"select * from {QuotedTable} where user_id = any ({{0}}) order by user_id {strength}";
        return Owners.FromSqlRaw(rows, userIds).AsNoTracking().ToListAsync(ct);
    }
}
