using Microsoft.EntityFrameworkCore;

namespace Modular.Host.Persistence;

internal static class Notifications
{
    /// <summary>Tells all servers of the database, this one too. The commit sends it, and nothing does if there is none.</summary>
    internal static Task NotifyAsync(this HostDbContext db, string channel, string what, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"select pg_notify({channel}, {what})", ct);
}
