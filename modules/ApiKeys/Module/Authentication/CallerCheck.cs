using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Compares what a request was let in with to what stands in the database. A number on the owner's row (<see cref="KeyOwner.Epoch"/>)
/// grows with everything that ends a key or changes its owner's rights, so one row is read and nothing is judged twice while it is
/// the same.
/// </summary>
internal sealed class CallerCheck(IHttpContextAccessor accessor, ApiKeysDbContext db, KeyCache cache, IAuthenticator authenticator, TimeProvider clock)
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

    public async Task<bool> StillHoldsAsync(CancellationToken ct)
    {
        if (Admission is not { } admission || held)
        {
            held = false; // It was said of this transaction; a scope may have another one.
            return true;
        }

        // The lock is shared with other commands and with those that make keys. What ends keys waits for it, and makes it wait.
        var epochs = await db.Database
            .SqlQuery<long>($"select epoch as \"Value\" from api_keys.owners where user_id = {admission.Key.Caller.UserId} for key share")
            .ToListAsync(ct);
        return epochs is [var epoch] && Holds(admission, epoch);
    }

    public async Task<Error?> FindAgainAsync(CancellationToken ct)
    {
        if (CallerId is { } userId)
        {
            cache.ForgetUser(userId); // What changed may have been told to this server, and not have been heard yet.
        }

        return (await authenticator.FindAgainAsync(accessor.HttpContext!)).Error;
    }

    /// <summary>
    /// Takes the number that was read under a lock which lasts until the transaction ends, before the command itself makes it grow.
    /// </summary>
    /// <exception cref="CallerChangedException">The caller is not what it was.</exception>
    internal void Hold(long? epoch)
    {
        if (Admission is { } admission)
        {
            held = epoch is { } known && Holds(admission, known) ? true : throw new CallerChangedException();
        }
    }

    private bool Holds(Admission admission, long epoch) => epoch == admission.Key.Epoch && !admission.IsOver(clock.GetUtcNow());
}
