using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Persistence;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Compares what a request was let in with to what stands in the database. A number on the owner's row (<see cref="KeyOwner.Epoch"/>)
/// grows with everything that ends a key or changes its owner's rights, so one row is read and nothing is judged twice while it is the
/// same. Where it is another one the key and the rights are read: most often another key of the user has ended, and the request goes on.
/// </summary>
internal sealed class CallerCheck(IHttpContextAccessor accessor, DbSession session, KeyCache cache, IAuthenticator authenticator, TimeProvider clock)
    : ICallerCheck
{
    /// <summary>The running transaction has locked the caller's own row, and what it said was right.</summary>
    private bool held;

    /// <summary>The user whose command is running; null where there is no caller, as on a route that needs no key.</summary>
    internal Guid? CallerId => Admission?.Key.Caller.UserId;

    /// <summary>
    /// Whether the caller presents the secret before a rotation. It may be the leaked one that the rotation was made against, so it must
    /// not be able to lock the owner out.
    /// </summary>
    internal bool UsesFormerSecret => Admission is { ByFormerSecret: true };

    private Admission? Admission => accessor.HttpContext is { } http
        && http.GetEndpoint()?.Metadata.GetMetadata<RouteAccess>() is { Kind: not RouteAccessKind.Anonymous }
            ? http.Features.Get<Admission>()
            : null;

    private Target? Target => accessor.HttpContext?.Features.Get<Target>();

    public async Task<bool> StillHoldsAsync(CancellationToken ct)
    {
        if (Admission is not { } admission || held)
        {
            held = false; // It was said of this transaction; a scope may have another one.
            return true;
        }

        var (callerId, target) = (admission.Key.Caller.UserId, Target);
        long? epoch = null;
        var targetIsSame = true;
        foreach (var owner in await session.LockCallersAsync(callerId, target?.Id ?? callerId, ct))
        {
            epoch = owner.UserId == callerId ? owner.Epoch : epoch;
            targetIsSame &= owner.UserId != target?.Id || target.IsDeleted || SiteRolesOf(target).SetEquals(owner.Roles);
        }

        return targetIsSame && epoch is { } known && await HoldsAsync(admission, known, ct);
    }

    public async Task<Error?> FindAgainAsync(CancellationToken ct)
    {
        if (CallerId is { } userId)
        {
            cache.ForgetUser(userId); // What changed may have been told to this server, and not have been heard yet.
        }

        // A key that has been forgotten is looked up, and the user that the path names with it.
        return (await authenticator.FindAgainAsync(accessor.HttpContext!)).Error;
    }

    /// <summary>
    /// Takes the number that was read under a lock which lasts until the transaction ends, before the command itself makes it grow.
    /// </summary>
    /// <exception cref="CallerChangedException">The caller is not what it was.</exception>
    internal async Task HoldAsync(long? epoch, CancellationToken ct)
    {
        if (Admission is { } admission)
        {
            held = epoch is { } known && await HoldsAsync(admission, known, ct) ? true : throw new CallerChangedException();
        }
    }

    private async Task<bool> HoldsAsync(Admission admission, long epoch, CancellationToken ct) =>
        (epoch == admission.Key.Epoch && !admission.IsOver(clock.GetUtcNow())) || await IsAsGoodAsync(admission, ct);

    /// <summary>Whether the key is still good, and its owner's rights are the same.</summary>
    private async Task<bool> IsAsGoodAsync(Admission admission, CancellationToken ct)
    {
        if (await session.ReadKeyNowAsync(admission.Key.Id, ct) is not { IsOwnerDeleted: false } key || key.Status == AccountStatus.Suspended
            || !admission.Key.Caller.Roles.ToHashSet().SetEquals(key.Roles))
        {
            return false;
        }

        var now = clock.GetUtcNow();
        var isPresent = key.HashedSecret.AsSpan().SequenceEqual(admission.Hash);
        var isOutgoing = key.FormerHash is not null && key.FormerHash.AsSpan().SequenceEqual(admission.Hash) && now < key.FormerUntil;
        return key.IsWrittenHere || ((admission.ByFormerSecret ? isOutgoing : isPresent) && !key.IsRevoked && key.ExpiresAt >= now);
    }

    /// <summary>By them alone an account is shielded from what is done to it.</summary>
    private static HashSet<string> SiteRolesOf(Target target) => [.. target.Roles.Where(role => OrganizationRole.Read(role).Organization is null)];
}
