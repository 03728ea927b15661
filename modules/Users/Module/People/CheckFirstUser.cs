using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.People;

internal static class CheckFirstUser
{
    private static readonly Error noneYet = new(
        ErrorKind.NotFound, "users.no_first_user", "There is no user yet. Create the first one with POST /api/v2/users/first.");

    internal sealed record Query : IQuery<MessageAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/first", (IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(), ct))
                .AllowsAnonymous()
                .Describe(
                    nameof(CheckFirstUser),
                    "Tells whether the first user exists",
                    "404 means that the server is fresh, and that the first user can be created.")
                .Answers<MessageAnswer>().Refuses(404);
    }

    internal sealed class Handler(UsersDbContext db) : IRequestHandler<Query, Result<MessageAnswer>>
    {
        public async Task<Result<MessageAnswer>> Handle(Query request, CancellationToken cancellationToken) =>
            await db.Users.AnyAsync(user => !user.Deleted, cancellationToken)
                ? new MessageAnswer("The first user exists.")
                : noneYet;
    }
}
