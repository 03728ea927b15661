using System.Collections.Concurrent;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Limits;

/// <summary>The number that each limit has on this server: the operator's, or the one that the route brings.</summary>
internal sealed class RateLimitSettings(IConfiguration configuration, SettingsInForce inForce, TimeProvider clock)
{
    private const string ApiPrefix = "/api/";

    private readonly ConcurrentDictionary<Endpoint, IReadOnlyList<(RateLimit Limit, int Requests)>> byEndpoint = [];

    internal TimeProvider Clock => clock;

    /// <summary>The limits of an endpoint that are not turned off, the narrowest first.</summary>
    /// <exception cref="SettingException">A number of the operator's is none.</exception>
    internal IReadOnlyList<(RateLimit Limit, int Requests)> ActiveLimits(RouteEndpoint endpoint) => byEndpoint.GetOrAdd(
        endpoint,
        _ => [.. Limits(endpoint.Metadata, endpoint.RoutePattern.RawText!).Select(limit => (limit, Number(limit))).Where(limit => limit.Item2 > 0)]);

    /// <summary>The limits of a route, the narrowest first.</summary>
    /// <param name="metadata">The route's.</param>
    /// <param name="pattern">The route's path, with its leading slash.</param>
    internal static IEnumerable<RateLimit> Limits(IEnumerable<object> metadata, string pattern)
    {
        var declared = metadata.OfType<RateLimit>().Reverse();
        return pattern.StartsWith(ApiPrefix, StringComparison.Ordinal) ? declared.Append(RateLimit.Api) : declared;
    }

    /// <summary>Reads every number, so that a wrong one stops the start.</summary>
    internal void Check(IEnumerable<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints.OfType<RouteEndpoint>())
        {
            ActiveLimits(endpoint);
        }
    }

    /// <summary>The limit's; 0 or less where it is off.</summary>
    internal int Number(RateLimit limit) => new SettingsReader(configuration, inForce).WholeNumber($"RateLimits:{limit.Name}", limit.Requests);
}
