using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.People;

internal static class ReadUser
{
    internal sealed record Query(Guid UserId) : IQuery<UserAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}", async (Target target, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(target.Id), ct)).ToHttp(user => EntityTag.Tagged(StatusCodes.Status200OK, user, user.ETag)))
                .RequiresToSee(UserPermissions.Read)
                .AcceptsDeletedUser()
                .Describe(
                    nameof(ReadUser),
                    "Reads a user by id, by username or as 'me'",
                    "Whom the caller may not read is answered as if there were no such user. The answer has an ETag for If-None-Match, and for If- "
                        + "Match of the writes.")
                .Answers<UserAnswer>(StatusCodes.Status200OK).Answers(StatusCodes.Status304NotModified).Refuses(404);
    }

    internal sealed class Handler(ICurrentUser caller, UsersDbContext db) : IRequestHandler<Query, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Query request, CancellationToken cancellationToken)
        {
            // 'me' is resolved without this right, but reading it is not.
            if (!caller.Required.May(UserPermissions.Read, owner: request.UserId, id: request.UserId))
            {
                return Error.ResourceNotFound;
            }

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
