using Microsoft.AspNetCore.Http;

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
    /// Looks for the key of a request that has been running for some time anew: the caller as it is at this moment, or null once the key
    /// lets nobody in. Counts as no use of the key.
    /// </summary>
    Task<Caller?> FindAgainAsync(HttpContext http);
}
