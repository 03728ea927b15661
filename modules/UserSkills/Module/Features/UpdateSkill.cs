using Carter;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.UserSkills.Features;

internal static class UpdateSkill
{
    internal sealed record Input
    {
        public string? Content { get; init; }

        public bool? Enabled { get; init; }
    }

    internal sealed record Command(Target User, string Name, string? Content, bool? Enabled) : ICommand<SkillAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPatch(
                    "/api/experimental/users/{user}/skills/{skillName}",
                    (Target target, string skillName, Body<Input> body, IMediator mediator, CancellationToken ct) => body.SendAsync(
                        mediator,
                        input => new Command(target, skillName, input.Content, input.Enabled),
                        skill => Json(StatusCodes.Status200OK, skill),
                        ct))
                .Requires(SkillPermissions.Update, SkillPermissions.Read)
                .LimitedBy(SkillLimits.Writes)
                .AcceptsDeletedUser()
                .TakesAtMost(CreateSkill.MaxBodyBytes)
                .Describe(
                    nameof(UpdateSkill),
                    "Changes a personal skill's content, or switches it on or off",
                    "The name in the content must be the one in the path.")
                .Example("""{"content":"---\nname: tidy\ndescription: Cleans up\n---\nRemove what is dead, twice.\n"}""")
                .Answers<SkillAnswer>(StatusCodes.Status200OK).Refuses(400, 403, 404, 409);
    }

    internal sealed class Handler(ICurrentUser current, UserSkillsDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<SkillAnswer>>
    {
        public async Task<Result<SkillAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (request is { Content: null, Enabled: null })
            {
                return SkillErrors.NothingToUpdate;
            }

            SkillFile? file = null;
            if (request.Content is { } text)
            {
                if (text.Length == 0)
                {
                    return SkillErrors.ContentMissing;
                }

                file = SkillFile.Parse(text, out var problem);
                if (file is null)
                {
                    return SkillErrors.Of(problem!);
                }

                if (file.Name != request.Name)
                {
                    return SkillErrors.NameMismatch(request.Name, file.Name);
                }
            }

            var (caller, user) = (current.Required, request.User);
            if (user.IsDeleted)
            {
                return SkillErrors.OwnerDeletedOnUpdate;
            }

            // Who sees no skill of this user learns nothing of which there are; who sees them learns that one is missing.
            if (!caller.HasRight(SkillPermissions.Read, owner: user.Id) && !caller.HasRight(SkillPermissions.Update, owner: user.Id))
            {
                return Refused(null);
            }

            if (!await db.LockOwnerAsync(user, cancellationToken))
            {
                return SkillErrors.OwnerDeletedOnUpdate;
            }

            var skill = await db.Skills
                .FromSql($"select * from user_skills.skills where user_id = {user.Id} and name = {request.Name} for update")
                .SingleOrDefaultAsync(cancellationToken);
            if (skill is null || !caller.May(SkillPermissions.Read, owner: user.Id, id: skill.Id))
            {
                return Error.ResourceNotFound;
            }

            if (!caller.May(SkillPermissions.Update, owner: user.Id, id: skill.Id))
            {
                return Refused(skill);
            }

            var before = db.Unchanged(skill);
            if (file is not null)
            {
                skill.Rewrite(file, request.Content!);
            }

            if (request.Enabled is { } enabled)
            {
                skill.Switch(enabled);
            }

            var now = clock.GetUtcNow();
            skill.Touch(now);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new SkillUpdated(
                    new AuditFacts("write", "user_skill", skill.Id, skill.Name, StatusCodes.Status200OK)
                    {
                        Diff = Skill.AuditShape.Diff(before, skill),
                    },
                    now),
                cancellationToken);
            return SkillAnswer.Of(skill);

            Result<SkillAnswer> Refused(Skill? target) => Result<SkillAnswer>.Refused(
                Error.NotAllowed,
                new WriteRefused(
                    new AuditFacts("write", "user_skill", target?.Id ?? Guid.Empty, request.Name, StatusCodes.Status403Forbidden),
                    clock.GetUtcNow()));
        }
    }

    internal sealed record SkillUpdated(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
