using Microsoft.AspNetCore.Routing.Template;
using Modular.Host.Experiments;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Limits;

/// <summary>The leases that a request was given before it was known who sends it.</summary>
internal sealed record CountedAtTheDoor(IReadOnlyList<SlidingWindow.Lease> Leases);

/// <summary>
/// The routes at which passwords can be tried: those with a limit that counts by address, with or without a key. It stands before routing, since
/// that comes after the key has been looked up, and takes every spelling that routing takes. A route of an experiment is not among
/// them: before its gate it must be as unknown as any path.
/// </summary>
internal sealed class PasswordDoors(EndpointDataSource endpoints)
{
    private readonly Lazy<ILookup<string, Door>> doors = new(() => endpoints.Endpoints
        .OfType<RouteEndpoint>()
        .Where(route => route.Metadata.GetMetadata<RouteOfExperiment>() is null
            && route.Metadata.OfType<RateLimit>().Any(limit => limit.Subject == RateLimitSubject.AddressAndUser))
        .SelectMany(
            route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [],
            (route, method) => (method, new Door(route, new TemplateMatcher(new RouteTemplate(route.RoutePattern), []))))
        .ToLookup(door => door.method, door => door.Item2, StringComparer.OrdinalIgnoreCase));

    /// <summary>The route that the request is going to be for; null for all that are none of these.</summary>
    internal RouteEndpoint? Find(HttpRequest request) =>
        doors.Value[request.Method].FirstOrDefault(door => door.Matcher.TryMatch(request.Path, []))?.Route;

    private sealed record Door(RouteEndpoint Route, TemplateMatcher Matcher);
}
