using Modular.Users.SignIn.Domain;

namespace Modular.Users.Persistence;

internal static class PasswordFailures
{
    /// <summary>
    /// Counts an attempt at the account and answers whether it was let in, in one statement: attempts that come at once count one after
    /// another. No wait is a time long past, not this moment: another request of it would take that for a wait.
    /// </summary>
    /// <param name="db">Not within a transaction: the count must outlive a refusal.</param>
    /// <param name="account">The address, in lower case. Its hash is stored.</param>
    /// <param name="network">Of the client.</param>
    /// <param name="free">Failures without a wait, from networks without a recent login.</param>
    /// <param name="freeWhereKnown">From one with a recent login.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">The request's.</param>
    internal static async Task<PasswordFailure> CountAttemptAsync(
        this UsersDbContext db, string account, string network, int free, long freeWhereKnown, DateTimeOffset now, CancellationToken ct)
    {
        var (trusted, forgotten) = (now - KnownNetwork.Trust, now - PasswordFailure.Memory);
        var counted = await db.PasswordFailures
            .FromSql(
                $"""
                with origin as (
                    select
                        case when known then {network} else {KnownNetwork.Strange} end as network,
                        case when known then {freeWhereKnown} else {free} end as free
                    from (select exists (
                        select from users.known_networks where network = {network} and last_login_at > {trusted}) as known) as here)
                insert into users.password_failures as f (account, network, failures, last_at, waits_until, admitted)
                select users.hashed_address({account}), network, 1, {now},
                    case when free > 1 then {forgotten} else {now + PasswordFailure.FirstDelay} end, true
                from origin
                on conflict (account, network) do update set
                    admitted = f.waits_until <= {now},
                    failures = case when f.waits_until > {now} then f.failures when f.last_at < {forgotten} then 1 else f.failures + 1 end,
                    last_at = case when f.waits_until > {now} then f.last_at else {now} end,
                    waits_until = case
                        when f.waits_until > {now} then f.waits_until
                        when f.last_at < {forgotten} then excluded.waits_until
                        when f.failures + 1 < (select free from origin) then {forgotten}
                        else {now} + least(
                            {PasswordFailure.LongestDelay}, {PasswordFailure.FirstDelay} * power(2, least(f.failures + 1 - (select free from origin), 10)))
                    end
                returning f.account, f.network, f.failures, f.last_at, f.waits_until, f.admitted
                """)
            .AsNoTracking()
            .ToListAsync(ct);
        var attempt = counted.Single();
        if (attempt.Failures == 1)
        {
            // An attempt that adds a row clears two away, so that what strangers typed does not pile up.
            await db.Database.ExecuteSqlAsync(
                $"""
                delete from users.password_failures where (account, network) in (
                    select account, network from users.password_failures where last_at < {forgotten} limit 2 for update skip locked)
                """,
                ct);
        }

        return attempt;
    }

    /// <summary>The right password was given from there.</summary>
    internal static Task ForgetFailuresAsync(this UsersDbContext db, string account, string network, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync(
            $"delete from users.password_failures where account = users.hashed_address({account}) and network = {network}", ct);
}
