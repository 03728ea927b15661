using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.UserSkills.Features;

internal static class ReadSkillVersion
{
    internal sealed record Query(Guid UserId, string Name, string Version) : IQuery<SkillVersionAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet(
                    "/api/experimental/users/{user}/skills/{skillName}/versions/{version}",
                    (Target target, string skillName, string version, IMediator mediator, CancellationToken ct) =>
                        mediator.AnswerAsync(new Query(target.Id, skillName, version), ct))
                .HandlerRequires(WithoutPermission.NotFound, SkillPermissions.Read)
                .Describe(
                    nameof(ReadSkillVersion),
                    "Reads a content that a personal skill has or had",
                    "What is no number, and a version that is not kept any more, is not found.")
                .Answers<SkillVersionAnswer>().Refuses(404);
    }

    internal sealed class Handler(ICurrentUser caller, UserSkillsDbContext db) : IRequestHandler<Query, Result<SkillVersionAnswer>>
    {
        public async Task<Result<SkillVersionAnswer>> Handle(Query request, CancellationToken cancellationToken)
        {
            var number = SkillVersionAnswer.NumberOf(request.Version);
            var version = await db.Skills
                .Where(skill => skill.UserId == request.UserId && skill.Name == request.Name)
                .Join(db.Versions.Where(version => version.Version == number), skill => skill.Id, version => version.SkillId, (_, version) => version)
                .AsNoTracking()
                .SingleOrDefaultAsync(cancellationToken);
            return version is not null && caller.Required.May(SkillPermissions.Read, owner: request.UserId, id: version.SkillId)
                ? SkillVersionAnswer.Of(version)
                : Error.ResourceNotFound;
        }
    }
}
