using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Text;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.SignIn;

/// <summary>How many wrong passwords an account has free from strange networks; 0 or less for any number from anywhere.</summary>
internal sealed record GuessSettings(int FreeFailures)
{
    private const int MoreFromKnownNetworks = 10;

    /// <summary>From a network of a recent login.</summary>
    internal long FreeFailuresWhereKnown => (long)FreeFailures * MoreFromKnownNetworks;

    internal static GuessSettings Read(SettingsReader settings) => new(settings.WholeNumber("RateLimits:AccountFailures", 10));
}

/// <summary>
/// Checks the password of an account for whoever claims to know it, and slows guessing down over all addresses, routes and servers.
/// An attempt counts before its hash begins, so that guesses sent at once count as many; the right password clears the count.
/// Accounts are known here by a keyed hash of the e-mail address that was typed, whether anybody has it or not: neither the answer nor
/// its time tells. Each network of a recent login, to whichever account, has a count of its own for each account; all others have
/// one together. So strangers elsewhere lock no account out, and no network guesses without end.
/// </summary>
internal sealed partial class PasswordCheck(
    UsersDbContext db, PasswordHasher hasher, GuessSettings settings, IRequestOrigin origin, TimeProvider clock, ILogger<PasswordCheck> logger)
{
    /// <summary>Stands for all networks without a recent login.</summary>
    private const string Strange = "";

    private static readonly TimeSpan firstDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan longestDelay = TimeSpan.FromMinutes(15);

    /// <summary>Failures are forgotten when there was none for so long.</summary>
    private static readonly TimeSpan memory = TimeSpan.FromHours(24);

    private static readonly TimeSpan trust = TimeSpan.FromDays(30);

    /// <summary>How old the time of a network's last login may be, so that not each login writes it and waits for the others that do.</summary>
    private static readonly TimeSpan precision = TimeSpan.FromHours(1);

    /// <summary>
    /// One hash, whether there is an account or not (<see cref="PasswordHasher.VerifyAsync"/>). The error of an account that has to wait
    /// comes without any. Not within a transaction: the count must outlive a refusal.
    /// </summary>
    internal async Task<Result<PasswordVerdict>> TryAsync(string email, string? hash, string password, CancellationToken ct)
    {
        using var place = hasher.TakePlace(hash, Neighbourhood); // Before anything counts: who is sent away has tried nothing.
        if (place is null)
        {
            return UserErrors.TooManyAtOnce;
        }

        if (settings.FreeFailures <= 0)
        {
            await place.TurnAsync(ct);
            return await hasher.VerifyAsync(hash, password, ct);
        }

        var account = AsciiLowerCase.Of(email);
        var (error, network) = await CountAsync(account, ct);
        if (error is not null)
        {
            return error;
        }

        await place.TurnAsync(ct);
        var verdict = await hasher.VerifyAsync(hash, password, ct);
        if (verdict != PasswordVerdict.NoMatch)
        {
            await db.Database.ExecuteSqlAsync(
                $"delete from users.password_failures where account = users.hashed_address({account}) and network = {network}", CancellationToken.None);
        }

        return verdict;
    }

    /// <summary>Compares without counting, for callers that are bounded otherwise, but in line with all others. An error where too many wait.</summary>
    internal Task<Result<bool>> IsPasswordAsync(string? hash, string password, CancellationToken ct) =>
        InTurnAsync(hash, async () => await hasher.VerifyAsync(hash, password, ct) != PasswordVerdict.NoMatch, ct);

    /// <summary>A new hash, in line with all others, for whoever sends the request. An error where too many wait.</summary>
    internal Task<Result<string>> HashAsync(string password, CancellationToken ct) => InTurnAsync(null, () => hasher.HashAsync(password, ct), ct);

    private async Task<Result<T>> InTurnAsync<T>(string? hash, Func<Task<T>> work, CancellationToken ct)
    {
        using var place = hasher.TakePlace(hash, Neighbourhood);
        if (place is null)
        {
            return UserErrors.TooManyAtOnce;
        }

        await place.TurnAsync(ct);
        return await work();
    }

    /// <summary>Notes a login from here: part of its transaction.</summary>
    internal async Task RememberNetworkAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (Network == Strange)
        {
            return;
        }

        var written = await db.Database.ExecuteSqlAsync(
            $"""
            insert into users.known_networks as n (network, last_login_at)
            select {Network}, {now} where not exists (
                select from users.known_networks where network = {Network} and last_login_at > {now - precision})
            on conflict (network) do update set last_login_at = greatest(n.last_login_at, excluded.last_login_at)
            """,
            ct);
        if (written > 0)
        {
            // A row that is added clears two away, so that networks without logins do not pile up.
            await db.Database.ExecuteSqlAsync(
                $"""
                delete from users.known_networks where network in (
                    select network from users.known_networks where last_login_at < {now - trust} limit 2 for update skip locked)
                """,
                ct);
        }
    }

    /// <summary>Counts the attempt: an error where it has to wait, and under which network it came.</summary>
    private async Task<(Error? Error, string Network)> CountAsync(string account, CancellationToken ct)
    {
        // No wait is a time long past, not this moment: another request of it would take that for a wait.
        var now = clock.GetUtcNow();
        var counted = await db.Database
            .SqlQuery<Attempt>(
                $"""
                with origin as (
                    select
                        case when known then {Network} else {Strange} end as network,
                        case when known then {settings.FreeFailuresWhereKnown} else {settings.FreeFailures} end as free
                    from (select exists (
                        select from users.known_networks where network = {Network} and last_login_at > {now - trust}) as known) as here)
                insert into users.password_failures as f (account, network, failures, last_at, waits_until, admitted)
                select users.hashed_address({account}), network, 1, {now}, case when free > 1 then {now - memory} else {now + firstDelay} end, true
                from origin
                on conflict (account, network) do update set
                    admitted = f.waits_until <= {now},
                    failures = case when f.waits_until > {now} then f.failures when f.last_at < {now - memory} then 1 else f.failures + 1 end,
                    last_at = case when f.waits_until > {now} then f.last_at else {now} end,
                    waits_until = case
                        when f.waits_until > {now} then f.waits_until
                        when f.last_at < {now - memory} then excluded.waits_until
                        when f.failures + 1 < (select free from origin) then {now - memory}
                        else {now} + least({longestDelay}, {firstDelay} * power(2, least(f.failures + 1 - (select free from origin), 10)))
                    end
                returning failures, admitted, waits_until, network
                """)
            .ToListAsync(ct);
        var attempt = counted.Single();
        if (attempt.Failures == 1)
        {
            // Whoever adds a row clears two away, so that what strangers typed does not pile up.
            await db.Database.ExecuteSqlAsync(
                $"""
                delete from users.password_failures where (account, network) in (
                    select account, network from users.password_failures where last_at < {now - memory} limit 2 for update skip locked)
                """,
                ct);
        }

        if (attempt.Admitted)
        {
            return (null, attempt.Network);
        }

        Slowed();
        return (UserErrors.TooManyFailures(attempt.WaitsUntil - now), attempt.Network);
    }

    /// <summary>The client's, as wide as the network of a place; strange where the address is not known.</summary>
    private string Network => ClientNetwork.Of(origin.Current.Ip, ipv4Bits: 24);

    /// <summary>As wide as one customer's network can be, who would otherwise have thousands of turns.</summary>
    private string Neighbourhood => ClientNetwork.Of(origin.Current.Ip, ipv4Bits: 24, ipv6Bits: 48);

    [LoggerMessage(LogLevel.Warning, "Guessing at the password of an account was slowed down.")]
    private partial void Slowed();

    private sealed record Attempt(int Failures, bool Admitted, DateTimeOffset WaitsUntil, string Network);
}
