using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.UserSkills.Features;

internal static class DeleteSkill
{
    internal sealed record Command(Guid UserId, string Name, IfMatch IfMatch) : ICommand;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapDelete(
                    "/api/experimental/users/{user}/skills/{skillName}",
                    (Target target, string skillName, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                        mediator.AnswerAsync(new Command(target.Id, skillName, ifMatch), ct))
                .HandlerRequiresOnSeen(SkillPermissions.Delete, toSee: SkillPermissions.Read)
                .LimitedBy(SkillLimits.Writes)
                .Describe(
                    nameof(DeleteSkill),
                    "Deletes a personal skill",
                    "Its versions go with it, and its name is free at once. With If-Match, only if the skill has not been changed since.")
                .Answers().Refuses(404, 412);
    }

    internal sealed class Handler(ICurrentUser current, UserSkillsDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            var skill = await db.LockSkillAsync(request.UserId, request.Name, cancellationToken);
            if (skill is null
                || !caller.May(SkillPermissions.Read, owner: skill.UserId, id: skill.Id)
                || !caller.May(SkillPermissions.Delete, owner: skill.UserId, id: skill.Id))
            {
                return Error.ResourceNotFound;
            }

            if (request.IfMatch.Excludes(SkillAnswer.Of(skill).ETag))
            {
                return IfMatch.Stale;
            }

            db.Skills.Remove(skill);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new SkillDeleted(
                    skill.UserId,
                    new AuditFacts(AuditAction.Delete, Skill.ResourceType, skill.Id, skill.Name)
                    {
                        Diff = Skill.AuditShape.Diff(skill, after: null),
                    },
                    clock.GetUtcNow()),
                cancellationToken);
            return Unit.Value;
        }
    }

    internal sealed record SkillDeleted(Guid UserId, AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
