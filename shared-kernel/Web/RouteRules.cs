using Microsoft.AspNetCore.Builder;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Web;

/// <summary>Endpoint metadata: who may call the route. Every route has exactly one; the server does not start otherwise.</summary>
/// <param name="Kind">How the caller is decided.</param>
/// <param name="Permissions">All of them are asked.</param>
public sealed record RouteAccess(RouteAccessKind Kind, IReadOnlyList<Permission> Permissions)
{
    /// <summary>
    /// Whether the edge asks, before the route runs and again whenever the caller is found anew. Otherwise the handler does, at the step
    /// that the order of checks names.
    /// </summary>
    public bool AtEdge { get; init; }

    /// <summary>What becomes of a caller who may read the user that the path names but lacks a permission.</summary>
    public WithoutPermission Otherwise { get; init; } = WithoutPermission.Forbidden;

    /// <summary>A further permission without which what is written to looks absent; null where nothing but the user is looked up.</summary>
    public Permission? ToSee { get; init; }

    /// <summary>
    /// Whether the route is about the caller's own things, and one of the permissions is enough: it shows what each of them opens.
    /// </summary>
    public bool OneOnOwn { get; init; }

    /// <summary>The refusal of a caller by what the edge asks; null where the route may run.</summary>
    /// <param name="caller">Whose key was presented.</param>
    /// <param name="target">The user that the path names; null where it names none.</param>
    public Error? FindError(Caller caller, Target? target)
    {
        if (!AtEdge || Permissions.All(permission => caller.May(
            permission, owner: target?.Id, id: permission.Resource == Target.ResourceType ? target?.Id : null)))
        {
            return null;
        }

        return Otherwise == WithoutPermission.NotFound ? Error.ResourceNotFound : Error.NotAllowed;
    }
}

/// <summary>How a route answers a caller without the permission.</summary>
public enum WithoutPermission
{
    /// <summary>403: what is there may be seen, but not this done to it.</summary>
    Forbidden,

    /// <summary>404, as if it were not there.</summary>
    NotFound,

    /// <summary>200 with what is left, which may be nothing.</summary>
    Less,

    /// <summary>404, as any path that no route has; also where no key is presented.</summary>
    UnknownPath,
}

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

/// <summary>Endpoint metadata: how the route is guarded against pages of other sites that a browser of ours has open (CSRF).</summary>
/// <param name="NeedsNoProof">A session cookie is enough to write: clients use the route before they can have any proof of where they come from.</param>
/// <param name="OwnPagesOnly">No foreign page may post here, with a session or without: it could claim the server, or log the browser's user in.</param>
public sealed record ForeignPages(bool NeedsNoProof = false, bool OwnPagesOnly = false);

/// <summary>What a slice says of its route.</summary>
public static class RouteRules
{
    /// <summary>
    /// The route needs a key that holds these permissions: on the user that the path names, or, where it names none, on what belongs to
    /// no user. The edge refuses everybody else with 403.
    /// </summary>
    public static TBuilder Requires<TBuilder>(this TBuilder route, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, permissions) { AtEdge = true });

    /// <summary>As <see cref="Requires{TBuilder}"/>, with 404: without the permissions there is nothing to see.</summary>
    public static TBuilder RequiresToSee<TBuilder>(this TBuilder route, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, permissions) { AtEdge = true, Otherwise = WithoutPermission.NotFound });

    /// <summary>
    /// The route needs a key, and its handler asks for these permissions: it writes, and records refusals, or it has to find first what they
    /// are asked on.
    /// </summary>
    public static TBuilder HandlerRequires<TBuilder>(this TBuilder route, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder => route.HandlerRequires(WithoutPermission.Forbidden, permissions);

    /// <summary>As <see cref="HandlerRequires{TBuilder}(TBuilder, Permission[])"/>, with another answer to a caller without them.</summary>
    public static TBuilder HandlerRequires<TBuilder>(this TBuilder route, WithoutPermission otherwise, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, permissions) { Otherwise = otherwise });

    /// <summary>A write to something: the handler answers 404 to a caller who may not see it, 403 to one who sees it and may not do this.</summary>
    public static TBuilder HandlerRequiresOnSeen<TBuilder>(this TBuilder route, Permission permission, Permission toSee)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, [permission]) { ToSee = toSee });

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
}
