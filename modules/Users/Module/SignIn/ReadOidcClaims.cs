using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.SignIn;

/// <summary>What the identity provider said of the caller at the last sign-in.</summary>
internal static class ReadOidcClaims
{
    internal sealed record Query : IQuery<Response>;

    internal sealed record Response(IReadOnlyDictionary<string, object> Claims);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/oidc-claims", (IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(), ct))
                .RequiresAnyKey()
                .Describe(
                    nameof(ReadOidcClaims),
                    "Tells users what their identity provider said of them at the last sign-in",
                    "No provider can be configured on this server, so there are none.")
                .Refuses(400, 404);
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db) : IRequestHandler<Query, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Query request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            // Claims come with a sign-in through a provider. No provider can be configured, so there are none.
            var loginType = await db.Users.Where(user => user.Id == caller.UserId).Select(user => user.LoginType).SingleAsync(cancellationToken);
            return loginType == LoginType.Oidc ? Error.ResourceNotFound : SignInErrors.NoOidcUser;
        }
    }
}
