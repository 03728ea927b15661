using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Modular.Host;
using Modular.Host.Startup;
using Modular.SharedKernel.Web;

namespace Modular.Tests.Api.Permissions;

/// <summary>Every route of the server, as its slice declares it.</summary>
internal static class Routes
{
    private static readonly Dictionary<string, RouteEndpoint> byName = Find();

    /// <summary>Names of operations, method and pattern for those that have none.</summary>
    internal static IEnumerable<string> Names => byName.Keys.Order(StringComparer.Ordinal);

    internal static Declared Of(string name) => new(name, byName[name]);

    private static Dictionary<string, RouteEndpoint> Find()
    {
        using var app = ModularServer.Build(["--ConnectionStrings:Modular", "Host=nowhere"], ModuleCatalog.All);
        return ((IEndpointRouteBuilder)app).DataSources
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .ToDictionary(NameOf);
    }

    private static string NameOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? $"{MethodOf(route)} {route.RoutePattern.RawText}";

    private static string MethodOf(RouteEndpoint route) => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "GET";

    /// <param name="Name">Of the operation.</param>
    /// <param name="Endpoint">The route.</param>
    internal sealed record Declared(string Name, RouteEndpoint Endpoint)
    {
        internal string Method => MethodOf(Endpoint);

        internal string Pattern => Endpoint.RoutePattern.RawText!;

        internal IReadOnlyList<string> Parameters => [.. Endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name)];

        internal RouteAccess Access => Endpoint.Metadata.GetMetadata<RouteAccess>()!;

        internal string? Example => Endpoint.Metadata.GetMetadata<RequestExample>()?.Json;

        internal string MediaType => Endpoint.Metadata.GetMetadata<RequestBodyOf>()?.MediaTypes[0] ?? "application/json";

        /// <summary>Of the body: without one of them the route refuses.</summary>
        internal IEnumerable<string> RequiredMembers =>
            Endpoint.Metadata.GetMetadata<RequestBodyOf>()?.Type.GetProperties()
                .Where(member => member.IsDefined(typeof(RequiredAttribute), inherit: true))
                .Select(member => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name)) ?? [];

        /// <summary>Parameters of the query without which the route refuses.</summary>
        internal IEnumerable<QueryParameter> NeededQuery =>
            Endpoint.Metadata.OfType<QueryParameter>().Where(parameter => parameter.Example is not null);

        internal bool NeedsNoDatabase => Endpoint.Metadata.GetMetadata<DatabaseNotNeeded>() is not null;

        internal bool ReadsBody => Endpoint.Metadata.GetMetadata<RequestBodyOf>() is not null;
    }
}
