using Microsoft.AspNetCore.Http;
using Modular.SharedKernel.Results;

namespace Modular.SharedKernel.Security;

/// <summary>
/// Who is calling. The edge asks twice: once for every request, early and without ever refusing, and once more where the route
/// wants a key; of an answer that lasts it asks again and again. The module that owns the keys answers.
/// </summary>
public interface IAuthenticator
{
    /// <summary>Looks for a key and remembers what it finds: a <see cref="Caller"/> among the request's features, or why there is none.</summary>
    /// <param name="http">The request.</param>
    /// <param name="mayLookUp">
    /// Asked right before the database is, which is never for keys that are known already or that no key can look like. Where it says no,
    /// there is no caller.
    /// </param>
    Task PrecheckAsync(HttpContext http, Func<bool> mayLookUp);

    /// <summary>
    /// Lets the caller that the precheck found pass, or answers 401 with the reason. A dormant caller is active from then on.
    /// </summary>
    /// <returns>False when it has answered.</returns>
    Task<bool> RequireAsync(HttpContext http);

    /// <summary>
    /// Judges the caller of a request that has been running for some time once more: a body can take an hour to arrive, and a list as
    /// long to be read. Remembers the caller as it is at this moment. Counts as no use of the key.
    /// </summary>
    /// <returns>
    /// The caller; 401 once the key is no longer good, 404 where the caller may no longer read the user that the path names, and what the
    /// route's <see cref="Web.RouteAccess"/> says to a caller who no longer holds what the edge asks for.
    /// </returns>
    Task<Result<Caller>> FindAgainAsync(HttpContext http);
}

/// <summary>
/// Whether a command is still its caller's to give. The edge judges a caller when the request arrives; the transaction that writes
/// judges again, so that no right outlives its end while a body, or a lock, is waited for.
/// </summary>
public interface ICallerCheck
{
    /// <summary>
    /// Whether the key, its owner and their rights are still what the running request was let in with. From then on, until the
    /// transaction ends, none of them changes. True for work that has no caller.
    /// </summary>
    Task<bool> StillHoldsAsync(CancellationToken ct);

    /// <summary>Finds the caller anew, once the transaction has been undone; null where the command may be run again for it.</summary>
    Task<Error?> FindAgainAsync(CancellationToken ct);
}

/// <summary>
/// The command's caller is not what it was when the request was let in. The command is undone and run again for the caller as it
/// is now, or refused.
/// </summary>
public sealed class CallerChangedException() : Exception("The caller has changed while the command was running.");
