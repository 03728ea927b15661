using System.Net;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Text;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Limits;

/// <summary>
/// Holds routes to their limits and tells every answer of a limited route how much is left. A request that one limit refuses
/// counts in none. Owners may ask to be passed over, with a key that holds everything; for all others asking is an error.
/// </summary>
internal sealed class RateLimitCheck(RequestDelegate next, RateCounters counters, RateLimitSettings settings)
{
    private const string BypassHeader = "X-Coder-Bypass-Ratelimit";

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } pattern } endpoint
            || settings.ActiveLimits(endpoint) is not { Count: > 0 } limits)
        {
            await next(http);
            return;
        }

        var caller = http.Features.Get<Caller>();
        if (AsksToPass(http.Request))
        {
            if (caller?.Holds(SiteRole.Owner) == true && caller.Restrictions.HoldsEverything)
            {
                await next(http);
                return;
            }

            await http.WriteErrorAsync(
                HttpStatusCode.PreconditionRequired,
                "Only owners may pass the rate limits over, with a key that holds everything.",
                $"Leave the header {BypassHeader} out, or send it with an owner's session or a token of scope coder:all and allow list *:*.");
            return;
        }

        var counted = http.Features.Get<CountedAtTheDoor>()?.Leases ?? [];
        List<SlidingWindow.Lease> leases = [.. counted];
        foreach (var (limit, requests) in limits)
        {
            foreach (var subject in Subjects(limit.Subject, caller, http.Connection.RemoteIpAddress, counted.Any(lease => lease.Limit == limit)))
            {
                leases.Add(counters.Count(subject, limit.AcrossRoutes ? "" : RouteOf(http, pattern, caller), limit, requests));
                if (!leases[^1].IsAcquired)
                {
                    await http.RefuseAsync(leases, settings.Clock);
                    return;
                }
            }
        }

        http.Response.Headers.Tell(leases.MinBy(lease => lease.Remaining)!, settings.Clock);
        await next(http);
    }

    /// <summary>Whether the request asks not to be counted. Before its key is known that is neither granted nor refused.</summary>
    internal static bool AsksToPass(HttpRequest request) =>
        string.Equals(request.Headers[BypassHeader].ToString(), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The pattern and, with a key, the user that the path names; the caller's own id is 'me'. Without a key the name is no part of it:
    /// what strangers write must not make counters.
    /// </summary>
    private static string RouteOf(HttpContext http, string pattern, Caller? caller) =>
        caller is null || http.GetRouteValue("user") is not string { Length: > 0 } user ? pattern
        : $"{pattern} {(Uuid.TryParse(user, out var id) && id == caller.UserId ? "me" : AsciiLowerCase.Of(user))}";

    private static IEnumerable<RateSubject> Subjects(RateLimitSubject subject, Caller? caller, IPAddress? address, bool addressIsCounted)
    {
        if (!addressIsCounted && (caller is null || subject == RateLimitSubject.AddressAndUser))
        {
            yield return RateSubject.Client(address);
        }

        if (caller is not null)
        {
            yield return RateSubject.User(caller.UserId);
        }
    }
}
