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
                    "A user that the caller may not read is answered as if there were none. The answer has an ETag, for If-None-Match here and for "
                        + "If-Match of the writes.")
                .Answers<UserAnswer>().AnswersNotModified().Refuses(404);
    }

    internal sealed class Handler(UserReads reads) : IRequestHandler<Query, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Query request, CancellationToken cancellationToken) =>
            await reads.FindOnceAsync(request.UserId, cancellationToken) is { } found
                ? UserAnswer.Of(found.User, found.Memberships.ConvertAll(member => member.OrganizationId))
                : Error.ResourceNotFound;
    }
}
