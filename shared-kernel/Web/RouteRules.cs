using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Web;

/// <summary>Endpoint metadata: who may call the route. Every route has exactly one; the server does not start otherwise.</summary>
/// <param name="Kind">How the caller is decided.</param>
/// <param name="Permissions">All of them are asked by the handler, at the step that the order of checks names.</param>
public sealed record RouteAccess(RouteAccessKind Kind, IReadOnlyList<Permission> Permissions);

/// <summary>How a route decides who may call it.</summary>
public enum RouteAccessKind
{
    /// <summary>Everybody, with or without a key.</summary>
    Anonymous,

    /// <summary>Any valid key, whatever its scopes.</summary>
    AnyKey,

    /// <summary>A valid key whose owner and scopes hold the permissions.</summary>
    Permission,
}

/// <summary>Endpoint metadata: a deleted user's id is resolved too, as the route has an answer of its own for it.</summary>
public sealed class DeletedUserAccepted
{
    internal static readonly DeletedUserAccepted Instance = new();

    private DeletedUserAccepted()
    {
    }
}

/// <summary>Endpoint metadata for the API description.</summary>
public sealed record Answer(int Status, Type? Body);

/// <summary>Endpoint metadata for the API description: a parameter of the query string.</summary>
public sealed record QueryParameter(string Name, string Description);

/// <summary>What a slice says of its route.</summary>
public static class RouteRules
{
    /// <summary>The route needs a key, and the handler asks for these permissions.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder route, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, permissions));

    /// <summary>The route needs a key and nothing else.</summary>
    public static TBuilder RequiresAnyKey<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteAccess(RouteAccessKind.AnyKey, []));

    /// <summary>The route is for everybody.</summary>
    public static TBuilder AllowsAnonymous<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteAccess(RouteAccessKind.Anonymous, []));

    /// <summary>The id of a deleted user is resolved, not answered with 404.</summary>
    public static TBuilder AcceptsDeletedUser<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(DeletedUserAccepted.Instance);

    /// <summary>The most bytes of body that the route takes, where it is not 1 MiB.</summary>
    public static TBuilder TakesAtMost<TBuilder>(this TBuilder route, int bytes)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new MaxBodyBytes(bytes));

    /// <summary>Name and sentence of the operation in the API description.</summary>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder route, string operationId, string summary) =>
        route.WithName(operationId).WithSummary(summary);

    /// <summary>A parameter of the query string that the route reads.</summary>
    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder route, string name, string description) =>
        route.WithMetadata(new QueryParameter(name, description));

    /// <summary>A successful answer with a body.</summary>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder route, int status) => route.WithMetadata(new Answer(status, typeof(T)));

    /// <summary>A successful answer without a body.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder route, int status) => route.WithMetadata(new Answer(status, null));

    /// <summary>Statuses with the error body that this route adds to those every route shares.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            route.WithMetadata(new Answer(status, typeof(Results.ErrorBody)));
        }

        return route;
    }
}
