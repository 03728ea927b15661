using Modular.Users.SignIn.Domain;

namespace Modular.Users.Persistence;

internal static class KnownNetworks
{
    /// <summary>Notes a login from the network, unless a recent one is noted.</summary>
    internal static async Task RememberNetworkAsync(this UsersDbContext db, string network, DateTimeOffset now, CancellationToken ct)
    {
        var written = await db.Database.ExecuteSqlAsync(
            $"""
            insert into users.known_networks as n (network, last_login_at)
            select {network}, {now} where not exists (
                select from users.known_networks where network = {network} and last_login_at > {now - KnownNetwork.Precision})
            on conflict (network) do update set last_login_at = greatest(n.last_login_at, excluded.last_login_at)
            """,
            ct);
        if (written > 0)
        {
            // A row that is added clears two away, so that networks without logins do not pile up.
            await db.Database.ExecuteSqlAsync(
                $"""
                delete from users.known_networks where network in (
                    select network from users.known_networks where last_login_at < {now - KnownNetwork.Trust} limit 2 for update skip locked)
                """,
                ct);
        }
    }
}
