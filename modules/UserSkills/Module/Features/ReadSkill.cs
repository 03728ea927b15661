using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills.Features;

internal static class ReadSkill
{
    internal sealed record Query(Guid UserId, string Name) : IQuery<SkillAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet(
                    "/api/experimental/users/{user}/skills/{skillName}",
                    (Target target, string skillName, IMediator mediator, CancellationToken ct) =>
                        mediator.AnswerAsync(new Query(target.Id, skillName), ct))
                .HandlerRequires(WithoutPermission.NotFound, SkillPermissions.Read)
                .Describe(
                    nameof(ReadSkill),
                    "Reads a personal skill with its content",
                    "The content is what was stored, to the byte. The answer has an ETag for If-None-Match, and for If-Match of the writes.")
                .Answers<SkillAnswer>().AnswersNotModified().Refuses(404);
    }

    internal sealed class Handler(ICurrentUser caller, UserSkillsDbContext db) : IRequestHandler<Query, Result<SkillAnswer>>
    {
        public async Task<Result<SkillAnswer>> Handle(Query request, CancellationToken cancellationToken) =>
            await db.Skills.AsNoTracking()
                .SingleOrDefaultAsync(skill => skill.UserId == request.UserId && skill.Name == request.Name, cancellationToken) is { } skill
            && caller.Required.May(SkillPermissions.Read, owner: skill.UserId, id: skill.Id)
                ? SkillAnswer.Of(skill)
                : Error.ResourceNotFound;
    }
}
