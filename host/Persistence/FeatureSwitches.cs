using Microsoft.EntityFrameworkCore;
using Modular.Host.Experiments.Domain;

namespace Modular.Host.Persistence;

internal static class FeatureSwitches
{
    /// <summary>
    /// The switch of an experiment, locked: changes of the same one wait for each other here. The first change makes the row, with what the
    /// experiment is without an operator's word.
    /// </summary>
    internal static async Task<FeatureSwitch> LockFeatureAsync(
        this HostDbContext db, string name, bool enabled, Guid by, DateTimeOffset now, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into host.features (name, enabled, rollout, reason, changed_at, changed_by, version)
            values ({name}, {enabled}, 'null', '', {now}, {by}, 0)
            on conflict (name) do nothing
            """,
            ct);
        return await db.Features.FromSql($"select * from host.features where name = {name} for update").SingleAsync(ct);
    }
}
