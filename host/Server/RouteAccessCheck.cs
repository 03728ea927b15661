using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server;

/// <summary>
/// What is decided before a route runs: that there is a key where it wants one, and whom <c>{user}</c> names. Permissions are the
/// handlers' to ask, at the step that the order of checks gives them.
/// </summary>
internal sealed class RouteAccessCheck(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http, IAuthenticator authenticator)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<RouteAccess>() is { Kind: not RouteAccessKind.Anonymous } && !await authenticator.RequireAsync(http))
        {
            return;
        }

        if (metadata?.GetMetadata<TargetsUser>() is not null)
        {
            var user = await http.RequestServices.GetRequiredService<IUserDirectory>().ResolveAsync(
                http.Features.Get<Caller>()!, (string)http.GetRouteValue("user")!, http.RequestAborted);
            if (user is null || (user.IsDeleted && metadata.GetMetadata<DeletedUserAccepted>() is null))
            {
                await ResultHttp.Refuse(Error.ResourceNotFound).ExecuteAsync(http);
                return;
            }

            http.Features.Set(user);
        }

        await next(http);
    }
}
