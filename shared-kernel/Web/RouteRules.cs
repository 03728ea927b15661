using Microsoft.AspNetCore.Builder;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Web;

/// <summary>Endpoint metadata: who may call the route. Every route has exactly one; the server does not start otherwise.</summary>
/// <param name="Kind">How the caller is decided.</param>
/// <param name="Permissions">All of them are asked by the handler, at the step that the order of checks names.</param>
public sealed record RouteAccess(RouteAccessKind Kind, IReadOnlyList<Permission> Permissions)
{
    /// <summary>What becomes of a caller who may read whom the path names but lacks a permission.</summary>
    public WithoutPermission Otherwise { get; init; } = WithoutPermission.Forbidden;

    /// <summary>A further permission without which what is written to looks absent; null where nothing but the user is looked up.</summary>
    public Permission? ToSee { get; init; }

    /// <summary>
    /// Whether the route is about what is the caller's own, whoever calls, and one of the permissions is enough: it shows what each of
    /// them opens.
    /// </summary>
    public bool OneOnOwn { get; init; }
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

/// <summary>What a slice says of its route.</summary>
public static class RouteRules
{
    /// <summary>The route needs a key, and the handler asks for these permissions.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder route, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, permissions));

    /// <summary>The route needs a key that holds one of the permissions on what is the caller's own, and shows what each of them opens.</summary>
    public static TBuilder RequiresOneOnOwn<TBuilder>(this TBuilder route, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, permissions) { OneOnOwn = true });

    /// <summary>As <see cref="Requires{TBuilder}"/>, and to who lacks a permission nothing is there.</summary>
    public static TBuilder RequiresToSee<TBuilder>(this TBuilder route, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, permissions) { Otherwise = WithoutPermission.NotFound });

    /// <summary>As <see cref="Requires{TBuilder}"/>, and to who lacks a permission, or has no key, there is no such route.</summary>
    public static TBuilder RequiresOrIsUnknown<TBuilder>(this TBuilder route, params Permission[] permissions)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, permissions) { Otherwise = WithoutPermission.UnknownPath });

    /// <summary>A write to something: 404 for who may not see it, 403 for who may see it and not do this.</summary>
    public static TBuilder RequiresOnWhatIsSeen<TBuilder>(this TBuilder route, Permission permission, Permission toSee)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, [permission]) { ToSee = toSee });

    /// <summary>A list for any key, of what the permission lets its caller see.</summary>
    public static TBuilder ShowsWhatIsReadable<TBuilder>(this TBuilder route, Permission permission)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RouteAccess(RouteAccessKind.Permission, [permission]) { Otherwise = WithoutPermission.Less });

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
