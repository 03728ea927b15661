using System.Globalization;
using System.Net;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Limits;

/// <summary>What answers tell of the limits that their requests were held to.</summary>
internal static class LimitedAnswers
{
    /// <summary>429 for the limit of the last lease. The others are given back: refused requests do not count.</summary>
    internal static Task RefuseAsync(this HttpContext http, IReadOnlyList<SlidingWindow.Lease> leases, TimeProvider clock)
    {
        foreach (var lease in leases)
        {
            lease.GiveBack();
        }

        var refused = leases[^1];
        http.Response.Headers.Tell(refused, clock);
        http.Response.Headers.RetryAfter = Seconds(refused.Limit.Window);
        return http.WriteErrorAsync(
            HttpStatusCode.TooManyRequests,
            $"Too many requests: at most {refused.Requests} in {Seconds(refused.Limit.Window)} seconds are served here. Wait and try again.");
    }

    /// <summary>The names of the original server, and those of the IETF's draft on RateLimit header fields.</summary>
    internal static void Tell(this IHeaderDictionary headers, SlidingWindow.Lease lease, TimeProvider clock)
    {
        var name = lease.Limit.Name.ToLowerInvariant();
        var untilReset = Math.Max(0, (long)Math.Ceiling((lease.Reset - clock.GetUtcNow()).TotalSeconds));
        headers["X-RateLimit-Limit"] = lease.Requests.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = lease.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = lease.Reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={lease.Requests};w={Seconds(lease.Limit.Window)}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={lease.Remaining};t={untilReset}");
    }

    private static string Seconds(TimeSpan length) => ((long)length.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
