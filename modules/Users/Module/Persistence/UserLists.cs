namespace Modular.Users.Persistence;

/// <summary>What the planner is told while a list is read, and where several indexes have to be looked into.</summary>
internal static class UserLists
{
    /// <summary>
    /// The page is found by an index, whatever the planner thinks of the filter: of text under three letters it knows too little, and an index
    /// leads to all users, too. Until the transaction ends.
    /// </summary>
    internal static Task WalkIndexesAsync(this UsersDbContext db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"set local enable_seqscan = off", ct);

    /// <summary>Counting those that nearly everybody belongs to is faster without an index.</summary>
    internal static Task AllowScansAsync(this UsersDbContext db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"set local enable_seqscan = on", ct);

    /// <summary>
    /// The users that have one of the keys. Three looks into three indexes: one condition over all of them would read the whole table.
    /// </summary>
    internal static Task<List<Guid>> FindByAnyKeyAsync(
        this UsersDbContext db, string[] externalIds, string[] emailKeys, string[] usernameKeys, CancellationToken ct) =>
        db.Database.SqlQuery<Guid>(
            $"""
            select id as "Value" from users.users where not deleted and external_id = any ({externalIds})
            union select id from users.users where not deleted and email_key <> '' and email_key = any ({emailKeys})
            union select id from users.users where not deleted and username_key = any ({usernameKeys})
            """).ToListAsync(ct);
}
