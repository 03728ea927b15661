using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.UserSkills.Features;

internal static class ListSkillVersions
{
    internal sealed record Query(Guid UserId, string Name) : IQuery<IReadOnlyList<SkillVersionMetadata>>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet(
                    "/api/experimental/users/{user}/skills/{skillName}/versions",
                    (Target target, string skillName, IMediator mediator, CancellationToken ct) =>
                        mediator.AnswerAsync(new Query(target.Id, skillName), ct))
                .HandlerRequires(WithoutPermission.NotFound, SkillPermissions.Read)
                .Describe(
                    nameof(ListSkillVersions),
                    "Lists the contents that a personal skill has had, newest first",
                    "The first is the present one. Every change of the content adds one; as many are kept as the setting Skills:KeptVersions says.")
                .Answers<IReadOnlyList<SkillVersionMetadata>>().Refuses(404);
    }

    internal sealed class Handler(ICurrentUser caller, UserSkillsDbContext db) : IRequestHandler<Query, Result<IReadOnlyList<SkillVersionMetadata>>>
    {
        public async Task<Result<IReadOnlyList<SkillVersionMetadata>>> Handle(Query request, CancellationToken cancellationToken)
        {
            // One query, or a deletion between two would show a skill without versions.
            var versions = await db.Skills
                .Where(skill => skill.UserId == request.UserId && skill.Name == request.Name)
                .Join(db.Versions, skill => skill.Id, version => version.SkillId, (_, version) => version)
                .OrderByDescending(version => version.Version)
                .Select(version => new
                {
                    version.SkillId,
                    Metadata = new SkillVersionMetadata(
                        version.Version, version.ContentSha256, version.Description, version.CreatedAt, version.CreatedBy),
                })
                .ToListAsync(cancellationToken);
            return versions is [var newest, ..] && caller.Required.May(SkillPermissions.Read, owner: request.UserId, id: newest.SkillId)
                ? versions.ConvertAll(version => version.Metadata)
                : Error.ResourceNotFound;
        }
    }
}
