using Modular.UserSkills.Domain;

namespace Modular.UserSkills.Features;

internal static class UpdateSkill
{
    internal sealed record Input
    {
        public string? Content { get; init; }

        public bool? Enabled { get; init; }
    }

    internal sealed record Command(Target User, string Name, string? Content, bool? Enabled, IfMatch IfMatch) : ICommand<SkillAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPatch(
                    "/api/experimental/users/{user}/skills/{skillName}",
                    (Target target, string skillName, Body<Input> body, IfMatch ifMatch, IMediator mediator, CancellationToken ct) => body.AnswerAsync(
                        mediator,
                        input => new Command(target, skillName, input.Content, input.Enabled, ifMatch),
                        ct))
                .HandlerRequires(SkillPermissions.Update, SkillPermissions.Read)
                .LimitedBy(SkillLimits.Writes)
                .AcceptsDeletedUser()
                .TakesAtMost(CreateSkill.MaxBodyBytes)
                .Describe(
                    nameof(UpdateSkill),
                    "Changes a personal skill's content, or switches it on or off",
                    "The name in the content must be the one in the path. A content that differs becomes a new version. With If-Match, only if "
                        + "the skill has not been changed since.")
                .Example("""{"content":"---\nname: tidy\ndescription: Cleans up\n---\nRemove what is dead, twice.\n"}""")
                .Answers<SkillAnswer>().Refuses(400, 403, 404, 409, 412);
    }

    internal sealed class Handler(SkillWriting writing) : IRequestHandler<Command, Result<SkillAnswer>>
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

            var locked = await writing.LockAsync(request.User, request.Name, cancellationToken);
            if (locked.Error is not null)
            {
                return locked.As<SkillAnswer>();
            }

            var skill = locked.Value;
            if (request.IfMatch.Excludes(SkillAnswer.Of(skill).ETag))
            {
                return IfMatch.Stale;
            }

            if (file is not null)
            {
                skill.Rewrite(file.Description, request.Content!);
            }

            if (request.Enabled is { } enabled)
            {
                skill.Switch(enabled);
            }

            return await writing.SaveAsync(skill, restored: null, cancellationToken);
        }
    }

    internal sealed record SkillUpdated(Guid UserId, AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
