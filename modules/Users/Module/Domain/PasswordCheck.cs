using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Text;
using Modular.Users.Persistence;

namespace Modular.Users.Domain;

/// <summary>How many wrong passwords an account has free; 0 or less for any number.</summary>
internal sealed record GuessSettings(int FreeFailures)
{
    internal static GuessSettings Read(SettingsReader settings) => new(settings.WholeNumber("RateLimits:AccountFailures", 10));
}

/// <summary>
/// Checks the password of an account for whoever claims to know it, and slows guessing down over all addresses, routes and servers.
/// An attempt counts before its hash begins, so that guesses sent at once count as many; the right password clears the count.
/// Accounts are known here by a keyed hash of the e-mail address that was typed, whether anybody has it or not: neither the answer nor
/// its time tells. Networks that the account has logged in from lately never wait, so that nobody can lock a person out from elsewhere.
/// </summary>
internal sealed partial class PasswordCheck(
    UsersDbContext db, PasswordHasher hasher, GuessSettings settings, IRequestOrigin origin, TimeProvider clock, ILogger<PasswordCheck> logger)
{
    private const int KnownNetworks = 20;

    private static readonly TimeSpan firstDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan longestDelay = TimeSpan.FromMinutes(15);

    /// <summary>Failures are forgotten when there was none for so long.</summary>
    private static readonly TimeSpan memory = TimeSpan.FromHours(24);

    private static readonly TimeSpan trust = TimeSpan.FromDays(30);

    /// <summary>
    /// One hash, whether there is an account or not (<see cref="PasswordHasher.VerifyAsync"/>). The error of an account that has to wait
    /// comes without any. Not within a transaction: the count must outlive a refusal.
    /// </summary>
    internal async Task<Result<PasswordVerdict>> TryAsync(string email, string? hash, string password, CancellationToken ct)
    {
        var account = AsciiLowerCase.Of(email);
        if (settings.FreeFailures > 0 && await CountAsync(account, ct) is { } error)
        {
            return error;
        }

        var verdict = await hasher.VerifyAsync(hash, password, ct);
        if (settings.FreeFailures > 0 && verdict != PasswordVerdict.NoMatch)
        {
            await db.Database.ExecuteSqlAsync(
                $"delete from users.password_failures where account = users.hashed_address({account})", CancellationToken.None);
        }

        return verdict;
    }

    /// <summary>The account has logged in from here: part of the login's transaction.</summary>
    internal async Task RememberNetworkAsync(string email, CancellationToken ct)
    {
        var (account, now) = (AsciiLowerCase.Of(email), clock.GetUtcNow());
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into users.known_networks (account, network, last_login_at) values (users.hashed_address({account}), {Network}, {now})
            on conflict (account, network) do update set last_login_at = {now}
            """,
            ct);
        await db.Database.ExecuteSqlAsync(
            $"""
            delete from users.known_networks where (account, network) in (
                select account, network from users.known_networks
                where account = users.hashed_address({account})
                order by last_login_at desc, network offset {KnownNetworks})
            """,
            ct);
    }

    private async Task<Error?> CountAsync(string account, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var counted = await db.Database
            .SqlQuery<Attempt>(
                $"""
                insert into users.password_failures as f (account, failures, last_at, waits_until, admitted)
                values (users.hashed_address({account}), 1, {now}, {now}, true)
                on conflict (account) do update set
                    admitted = f.waits_until <= {now},
                    failures = case when f.waits_until > {now} then f.failures when f.last_at < {now - memory} then 1 else f.failures + 1 end,
                    last_at = case when f.waits_until > {now} then f.last_at else {now} end,
                    waits_until = case
                        when f.waits_until > {now} then f.waits_until
                        when f.last_at < {now - memory} or f.failures + 1 < {settings.FreeFailures} then {now}
                        else {now} + least({longestDelay}, {firstDelay} * power(2, least(f.failures + 1 - {settings.FreeFailures}, 10)))
                    end
                returning failures, admitted, waits_until, exists (
                    select from users.known_networks n
                    where n.account = f.account and n.network = {Network} and n.last_login_at > {now - trust}) as known
                """)
            .ToListAsync(ct);
        var attempt = counted.Single();
        if (attempt.Failures == 1)
        {
            // Whoever adds a row clears two away, so that what strangers typed does not pile up.
            await db.Database.ExecuteSqlAsync(
                $"""
                delete from users.password_failures where account in (
                    select account from users.password_failures where last_at < {now - memory} limit 2 for update skip locked)
                """,
                ct);
        }

        if (attempt.Admitted || attempt.Known)
        {
            return null;
        }

        Slowed();
        return UserErrors.TooManyFailures(attempt.WaitsUntil - now);
    }

    /// <summary>The client's network, as wide as a subscriber's.</summary>
    private string Network => origin.Current.Ip switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6 } ip => $"{Prefix(ip, 8)}/64",
        var ip => $"{Prefix(ip, 3)}/24",
    };

    private static IPAddress Prefix(IPAddress address, int bytes)
    {
        var all = address.GetAddressBytes();
        all.AsSpan(bytes).Clear();
        return new IPAddress(all);
    }

    [LoggerMessage(LogLevel.Warning, "Guessing at the password of an account was slowed down.")]
    private partial void Slowed();

    private sealed record Attempt(int Failures, bool Admitted, DateTimeOffset WaitsUntil, bool Known);
}
