using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Text;
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
/// Checks a password that is sent for an account, and slows guessing down over all addresses, routes and servers.
/// An attempt counts before its hash begins, so that guesses sent at once count as many; the right password clears the count.
/// Accounts are known here by a keyed hash of the e-mail address that was typed, whether anybody has it or not: neither the answer nor
/// its time tells. Each network of a recent login, to whichever account, has a count of its own for each account; all others have
/// one together. So strangers elsewhere lock no account out, and no network guesses without end.
/// </summary>
internal sealed partial class PasswordCheck(
    UsersDbContext db, PasswordHasher hasher, GuessSettings settings, IRequestOrigin origin, TimeProvider clock, ILogger<PasswordCheck> logger)
{
    /// <summary>
    /// One hash, whether there is an account or not (<see cref="PasswordHasher.VerifyAsync"/>). The error of an account that has to wait
    /// comes without any. Not within a transaction: the count must outlive a refusal.
    /// </summary>
    internal async Task<Result<PasswordVerdict>> TryAsync(string email, string? hash, string password, CancellationToken ct)
    {
        using var place = hasher.TakePlace(hash, Neighbourhood); // Before anything counts: who is sent away has tried nothing.
        if (place is null)
        {
            return SignInErrors.TooManyAtOnce;
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
            await db.ForgetFailuresAsync(account, network, CancellationToken.None);
        }

        return verdict;
    }

    /// <summary>Compares without counting, for callers that are bounded otherwise, but in line with all others. An error where too many wait.</summary>
    internal Task<Result<bool>> IsPasswordAsync(string? hash, string password, CancellationToken ct) =>
        InTurnAsync(hash, async () => await hasher.VerifyAsync(hash, password, ct) != PasswordVerdict.NoMatch, ct);

    /// <summary>A new hash, in line with all others of the request's network. An error where too many wait.</summary>
    internal Task<Result<string>> HashAsync(string password, CancellationToken ct) => InTurnAsync(null, () => hasher.HashAsync(password, ct), ct);

    private async Task<Result<T>> InTurnAsync<T>(string? hash, Func<Task<T>> work, CancellationToken ct)
    {
        using var place = hasher.TakePlace(hash, Neighbourhood);
        if (place is null)
        {
            return SignInErrors.TooManyAtOnce;
        }

        await place.TurnAsync(ct);
        return await work();
    }

    /// <summary>Notes a login from here: part of its transaction.</summary>
    internal Task RememberNetworkAsync(CancellationToken ct) =>
        Network == KnownNetwork.Strange ? Task.CompletedTask : db.RememberNetworkAsync(Network, clock.GetUtcNow(), ct);

    /// <summary>Counts the attempt: an error where it has to wait, and under which network it came.</summary>
    private async Task<(Error? Error, string Network)> CountAsync(string account, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var attempt = await db.CountAttemptAsync(account, Network, settings.FreeFailures, settings.FreeFailuresWhereKnown, now, ct);
        if (attempt.Admitted)
        {
            return (null, attempt.Network);
        }

        Slowed();
        return (SignInErrors.TooManyFailures(attempt.WaitsUntil - now), attempt.Network);
    }

    /// <summary>The client's, as wide as the network of a place; strange where the address is not known.</summary>
    private string Network => ClientNetwork.Of(origin.Current.Ip, ipv4Bits: 24);

    /// <summary>As wide as one customer's network can be, who would otherwise have thousands of turns.</summary>
    private string Neighbourhood => ClientNetwork.Of(origin.Current.Ip, ipv4Bits: 24, ipv6Bits: 48);

    [LoggerMessage(LogLevel.Warning, "Guessing at the password of an account was slowed down.")]
    private partial void Slowed();
}
