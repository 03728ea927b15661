using Microsoft.AspNetCore.Builder;

namespace Modular.SharedKernel.Web;

/// <summary>Whose requests a limit counts together.</summary>
public enum RateLimitSubject
{
    /// <summary>The user of a valid key; the client's address where there is none.</summary>
    UserOrAddress,

    /// <summary>
    /// The client's address in any case, asked before its key is looked up, and the user of a valid key besides: each has its own count.
    /// For routes at which a secret can be guessed.
    /// </summary>
    AddressAndUser,
}

/// <summary>
/// Endpoint metadata: how often the route may be called. Operators set the number as
/// <c>RateLimits:{Name}</c>; 0 or less turns the limit off.
/// </summary>
/// <param name="Name">Of the setting.</param>
/// <param name="Requests">Per window, where the operator says nothing.</param>
/// <param name="Window">The length of the window that slides.</param>
/// <param name="Subject">Whose requests are counted together.</param>
/// <param name="AcrossRoutes">Whether all routes of the limit share one count; otherwise each has its own, with a key per <c>{user}</c>.</param>
public sealed record RateLimit(
    string Name, int Requests, TimeSpan Window, RateLimitSubject Subject = RateLimitSubject.UserOrAddress, bool AcrossRoutes = false)
{
    /// <summary>What every route below <c>/api</c> is held to.</summary>
    public static readonly RateLimit Api = new("Api", 512, TimeSpan.FromMinutes(1));
}

/// <summary>How slices say that a route has a limit beside <see cref="RateLimit.Api"/>.</summary>
public static class RateLimitRules
{
    /// <summary>Holds the route to the limit too.</summary>
    public static TBuilder LimitedBy<TBuilder>(this TBuilder route, RateLimit limit)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(limit);
}
