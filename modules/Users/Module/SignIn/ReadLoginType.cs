using Modular.Users.People.Domain;
using Modular.Users.Persistence;
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
            app.MapGet("/api/v2/users/{user}/login-type", async (Target target, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(target.Id), ct)).ToHttp(answer => Json(StatusCodes.Status200OK, answer)))
                .Requires(UserPermissions.Read)
                .Describe(
                    nameof(ReadLoginType),
                    "Tells users how they log in themselves",
                    "For the users themselves alone; anybody else is refused, owners too.")
                .Answers<Response>(StatusCodes.Status200OK).Refuses(403, 404);
    }

    internal sealed class Handler(ICurrentUser caller, UsersDbContext db) : IRequestHandler<Query, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Query request, CancellationToken cancellationToken)
        {
            if (!caller.Required.May(UserPermissions.Read, owner: request.UserId, id: request.UserId))
            {
                return Error.ResourceNotFound;
            }

            return request.UserId == caller.Required.UserId
                ? new Response(await db.Users.Where(user => user.Id == request.UserId).Select(user => user.LoginType).SingleAsync(cancellationToken))
                : UserErrors.OwnLoginTypeOnly;
        }
    }
}
