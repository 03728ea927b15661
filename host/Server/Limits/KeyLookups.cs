using Modular.Host.Server.Routes;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Limits;

/// <summary>
/// Finds out who is calling, early and for every request, at a price that strangers cannot drive up: where passwords can be tried, the
/// limit of the client's address is asked before a key is looked up, and everywhere a key that turns out to be none counts for the
/// address. An address that has presented too many may go on with keys that are in memory.
/// </summary>
internal sealed class KeyLookups(
    RequestDelegate next, IAuthenticator authenticator, RateCounters counters, RateLimitSettings settings, PasswordDoors doors)
{
    /// <summary>Counted when a lookup begins and given back when it finds a caller, so that guesses sent at once count as many.</summary>
    private static readonly RateLimit wrongKeys = RateLimit.Api with { Name = "WrongKeys" };

    private readonly int mostWrongKeys = settings.Number(RateLimit.Api);

    public async Task InvokeAsync(HttpContext http)
    {
        // Probes of load balancers are answered while no key can be looked up, whatever else they send.
        if (Health.IsProbe(http.Request.Path))
        {
            await next(http);
            return;
        }

        var door = doors.Find(http.Request);
        if (door is not null && !RateLimitCheck.AsksToPass(http.Request) && CountAddress(http, door) is { } tooMany)
        {
            await http.RefuseAsync(tooMany, settings.Clock);
            return;
        }

        // A login needs no key, and outside of the API nothing answers 429: such requests go on without a caller.
        if (await LookUpAsync(http) is { IsAcquired: false } refused
            && door?.Metadata.GetMetadata<RouteAccess>() is not { Kind: RouteAccessKind.Anonymous }
            && http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            await http.RefuseAsync([refused], settings.Clock);
            return;
        }

        await next(http);
    }

    /// <summary>The leases, the last of them refused; null where the request may go on.</summary>
    private List<SlidingWindow.Lease>? CountAddress(HttpContext http, RouteEndpoint door)
    {
        List<SlidingWindow.Lease> leases = [];
        var client = RateSubject.Client(http.Connection.RemoteIpAddress);
        foreach (var (limit, requests) in settings.ActiveLimits(door).Where(active => active.Limit.Subject == RateLimitSubject.AddressAndUser))
        {
            leases.Add(counters.Count(client, limit.AcrossRoutes ? "" : door.RoutePattern.RawText!, limit, requests));
            if (!leases[^1].IsAcquired)
            {
                return leases;
            }
        }

        http.Features.Set(new CountedAtTheDoor(leases));
        return null;
    }

    /// <summary>Null where nothing was looked up; a refusal where nothing may be.</summary>
    private async Task<SlidingWindow.Lease?> LookUpAsync(HttpContext http)
    {
        SlidingWindow.Lease? lease = null;
        try
        {
            await authenticator.PrecheckAsync(http, () =>
            {
                lease = mostWrongKeys > 0
                    ? counters.Count(RateSubject.Client(http.Connection.RemoteIpAddress), "", wrongKeys, mostWrongKeys)
                    : null;
                return lease is not { IsAcquired: false };
            });
        }
        catch (Exception away) when (DatabaseRefusal.IsAway(away))
        {
            lease?.GiveBack(); // Nothing was learnt of the key.
            throw;
        }

        if (http.Features.Get<Caller>() is not null)
        {
            lease?.GiveBack();
        }

        return lease;
    }
}
