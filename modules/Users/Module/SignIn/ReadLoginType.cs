using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.SignIn;

internal static class ReadLoginType
{
    internal sealed record Query(Guid UserId) : IQuery<Response>;

    [AnswerExample("""{"login_type":"password"}""")]
    internal sealed record Response(string LoginType);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/login-type", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(target.Id), ct))
                .RequiresToSee(UserPermissions.Read)
                .Describe(
                    nameof(ReadLoginType),
                    "Tells users how they log in themselves",
                    "For the users themselves alone; anybody else is refused, owners too.")
                .Answers<Response>().Refuses(403, 404);
    }

    internal sealed class Handler(ICurrentUser caller, UsersDbContext db) : IRequestHandler<Query, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Query request, CancellationToken cancellationToken) =>
            request.UserId == caller.Required.UserId
                ? new Response(await db.Users.Where(user => user.Id == request.UserId).Select(user => user.LoginType).SingleAsync(cancellationToken))
                : SignInErrors.OwnLoginTypeOnly;
    }
}
