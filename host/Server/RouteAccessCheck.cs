using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server;

/// <summary>
/// What is decided before a route runs: that there is a key where it wants one, which user <c>{user}</c> names, and whether the caller
/// holds the permissions that the edge is to ask for (<see cref="RouteAccess.AtEdge"/>).
/// </summary>
internal sealed class RouteAccessCheck(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http, IAuthenticator authenticator)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        var access = metadata?.GetMetadata<RouteAccess>();
        if (access is { Kind: not RouteAccessKind.Anonymous } && !await authenticator.RequireAsync(http))
        {
            return;
        }

        Target? user = null;
        if (metadata?.GetMetadata<TargetsUser>() is not null)
        {
            user = await http.RequestServices.GetRequiredService<IUserDirectory>().ResolveAsync(
                http.Features.Get<Caller>()!, (string)http.GetRouteValue("user")!, http.RequestAborted);
            if (user is null || (user.IsDeleted && metadata.GetMetadata<DeletedUserAccepted>() is null))
            {
                await ResultHttp.Refusal(Error.ResourceNotFound).ExecuteAsync(http);
                return;
            }

            http.Features.Set(user);
        }

        if (access is { AtEdge: true } && access.FindError(http.Features.Get<Caller>()!, user) is { } error)
        {
            await ResultHttp.Refusal(error).ExecuteAsync(http);
            return;
        }

        await next(http);
    }
}
