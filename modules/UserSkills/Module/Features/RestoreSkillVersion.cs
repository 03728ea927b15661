using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills.Features;

internal static class RestoreSkillVersion
{
    internal sealed record Command(Target User, string Name, string Version, IfMatch IfMatch) : ICommand<SkillAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost(
                    "/api/experimental/users/{user}/skills/{skillName}/versions/{version}/restore",
                    (Target target, string skillName, string version, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                        mediator.AnswerAsync(new Command(target, skillName, version, ifMatch), ct))
                .HandlerRequires(SkillPermissions.Update, SkillPermissions.Read)
                .LimitedBy(SkillLimits.Writes)
                .AcceptsDeletedUser()
                .Describe(
                    nameof(RestoreSkillVersion),
                    "Gives a personal skill a content back that it had",
                    "It becomes a new version, unless it is the present content; the versions between stay. The skill stays switched on or off. "
                        + "With If-Match, only if the skill has not been changed since.")
                .Answers<SkillAnswer>().Refuses(403, 404, 409, 412);
    }

    internal sealed class Handler(SkillWriting writing, UserSkillsDbContext db) : IRequestHandler<Command, Result<SkillAnswer>>
    {
        public async Task<Result<SkillAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var locked = await writing.LockAsync(request.User, request.Name, cancellationToken);
            if (locked.Error is not null)
            {
                return locked.As<SkillAnswer>();
            }

            var (skill, number) = (locked.Value, SkillVersionAnswer.NumberOf(request.Version));
            var version = await db.Versions.AsNoTracking()
                .SingleOrDefaultAsync(kept => kept.SkillId == skill.Id && kept.Version == number, cancellationToken);
            if (version is null)
            {
                return Error.ResourceNotFound;
            }

            if (request.IfMatch.Excludes(SkillAnswer.Of(skill).ETag))
            {
                return IfMatch.Stale;
            }

            skill.Rewrite(version.Description, version.Content);
            return await writing.SaveAsync(skill, restored: number, cancellationToken);
        }
    }
}
