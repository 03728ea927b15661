using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Text;
using Modular.SharedKernel.Web;

namespace Modular.Host.RateLimits;

/// <summary>
/// Holds routes to their limits and tells every answer of a limited route how much is left. A request that one limit refuses
/// counts in none. Owners may ask to be passed over; for anybody else asking is an error.
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
        if (string.Equals(http.Request.Headers[BypassHeader].ToString(), "true", StringComparison.OrdinalIgnoreCase))
        {
            if (caller?.Holds(SiteRole.Owner) == true)
            {
                await next(http);
                return;
            }

            await http.WriteErrorAsync(
                HttpStatusCode.PreconditionRequired,
                "Only owners may pass the rate limits over.",
                $"Leave the header {BypassHeader} out, or send it with an owner's key.");
            return;
        }

        var route = RouteOf(http, pattern, caller);
        SlidingWindow.Lease? tightest = null;
        List<SlidingWindow.Lease> leases = [];
        foreach (var (limit, requests) in limits)
        {
            foreach (var subject in Subjects(limit.Subject, caller, http.Connection.RemoteIpAddress))
            {
                var lease = counters.Count(new RateKey(limit.Name, subject, limit.AcrossRoutes ? "" : route), limit, requests);
                leases.Add(lease);
                if (tightest is null || !lease.IsAcquired || lease.Remaining < tightest.Remaining)
                {
                    tightest = lease;
                    Tell(http.Response.Headers, limit.Name, lease, settings.Clock);
                }

                if (!lease.IsAcquired)
                {
                    leases.ForEach(counted => counted.GiveBack());
                    http.Response.Headers.RetryAfter = Seconds(lease.Length);
                    await http.WriteErrorAsync(
                        HttpStatusCode.TooManyRequests,
                        $"Too many requests: at most {lease.Limit} in {Seconds(lease.Length)} seconds are served here. Wait and try again.");
                    return;
                }
            }
        }

        await next(http);
    }

    /// <summary>The pattern and whom <c>{user}</c> names; the caller's own id is 'me'.</summary>
    private static string RouteOf(HttpContext http, string pattern, Caller? caller)
    {
        if (http.GetRouteValue("user") is not string { Length: > 0 } user)
        {
            return pattern;
        }

        return $"{pattern} {(caller is not null && Uuid.TryParse(user, out var id) && id == caller.UserId ? "me" : AsciiLowerCase.Of(user))}";
    }

    private static IEnumerable<string> Subjects(RateLimitSubject subject, Caller? caller, IPAddress? address)
    {
        if (caller is null || subject == RateLimitSubject.AddressAndUser)
        {
            yield return Network(address);
        }

        if (caller is not null)
        {
            yield return caller.UserId.ToString();
        }
    }

    /// <summary>An IPv6 client has a network of 64 bits to itself and can choose any address of it.</summary>
    private static string Network(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)),
        _ => address.ToString(),
    };

    /// <summary>The names of the original server, and those of the IETF's draft on RateLimit header fields.</summary>
    private static void Tell(IHeaderDictionary headers, string policy, SlidingWindow.Lease lease, TimeProvider clock)
    {
        var name = policy.ToLowerInvariant();
        var untilReset = Math.Max(0, (long)Math.Ceiling((lease.Reset - clock.GetUtcNow()).TotalSeconds));
        headers["X-RateLimit-Limit"] = lease.Limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = lease.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = lease.Reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={lease.Limit};w={Seconds(lease.Length)}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={lease.Remaining};t={untilReset}");
    }

    private static string Seconds(TimeSpan length) => ((long)length.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
