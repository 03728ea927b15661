using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.People;

internal static class ReadUser
{
    internal sealed record Query(Guid UserId) : IQuery<UserAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(target.Id), ct))
                .RequiresToSee(UserPermissions.Read)
                .AcceptsDeletedUser()
                .Describe(
                    nameof(ReadUser),
                    "Reads a user by id, by username or as 'me'",
                    "Whom the caller may not read is answered as if there were no such user. The answer has an ETag for If-None-Match, and for If- "
                        + "Match of the writes.")
                .Answers<UserAnswer>().AnswersNotModified().Refuses(404);
    }

    internal sealed class Handler(UsersDbContext db) : IRequestHandler<Query, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Query request, CancellationToken cancellationToken)
        {
            var found = await db.Users.AsNoTracking()
                .Where(user => user.Id == request.UserId)
                .Select(user => new
                {
                    User = user,
                    Organizations = db.OrganizationMembers
                        .Where(member => member.UserId == user.Id)
                        .OrderBy(member => member.CreatedAt)
                        .Select(member => member.OrganizationId)
                        .ToList(),
                })
                .SingleOrDefaultAsync(cancellationToken);
            return found is null ? Error.ResourceNotFound : UserAnswer.Of(found.User, found.Organizations);
        }
    }
}
