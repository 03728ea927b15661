using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills.Features;

internal static class CreateSkill
{
    /// <summary>Every byte of the largest file may come as a six-byte escape; the rest is room for the envelope.</summary>
    internal const int MaxBodyBytes = (SkillFile.MaxContentBytes * 6) + 1_024;

    internal sealed record Input
    {
        public string? Content { get; init; }
    }

    internal sealed record Command(Target User, string Content) : ICommand<SkillAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/experimental/users/{user}/skills", (Target target, Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(
                        mediator, input => new Command(target, input.Content ?? ""), ct))
                .HandlerRequires(SkillPermissions.Create)
                .LimitedBy(SkillLimits.Writes)
                .AcceptsDeletedUser()
                .TakesAtMost(MaxBodyBytes)
                .Describe(
                    nameof(CreateSkill),
                    "Stores a personal skill from a SKILL.md",
                    "Name and description are read from the content's frontmatter. The content is stored as it is sent and becomes the skill's first version.")
                .Example("""{"content":"---\nname: tidy\ndescription: Cleans up\n---\nRemove what is dead.\n"}""")
                .Answers<SkillAnswer>(StatusCodes.Status201Created).Refuses(400, 403, 404, 409);
    }

    internal sealed class Handler(ICurrentUser current, UserSkillsDbContext db, SkillWriting writing, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<SkillAnswer>>
    {
        public async Task<Result<SkillAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var user = request.User;
            if (request.Content.Length == 0)
            {
                return SkillErrors.ContentMissing;
            }

            if (SkillFile.Parse(request.Content, out var problem) is not { } file)
            {
                return SkillErrors.Of(problem!);
            }

            if (user.IsDeleted)
            {
                return SkillErrors.OwnerDeletedOnCreate;
            }

            var (caller, now) = (current.Required, clock.GetUtcNow());
            if (!caller.May(SkillPermissions.Create, owner: user.Id))
            {
                return Result<SkillAnswer>.Refused(
                    Error.NotAllowed,
                    new WriteRefused(new AuditFacts(AuditAction.Create, Skill.ResourceType, Guid.Empty, file.Name), now));
            }

            if (!await db.LockOwnerAsync(user, cancellationToken))
            {
                return SkillErrors.OwnerDeletedOnCreate;
            }

            var names = await db.Skills.Where(skill => skill.UserId == user.Id).Select(skill => skill.Name).ToListAsync(cancellationToken);
            if (names.Count >= Skill.MaxPerUser)
            {
                return SkillErrors.TooMany;
            }

            if (names.Contains(file.Name))
            {
                return SkillErrors.NameTaken;
            }

            var skill = Skill.Write(user.Id, file, request.Content, now);
            if (await writing.SpendAsync(skill, before: null, now, cancellationToken) is { } usedUp)
            {
                return usedUp;
            }

            db.Skills.Add(skill);
            db.Versions.Add(SkillVersion.Of(skill, version: 1, caller.UserId, now));
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new SkillCreated(
                    user.Id,
                    new AuditFacts(AuditAction.Create, Skill.ResourceType, skill.Id, skill.Name)
                    {
                        Diff = Skill.AuditShape.Diff(before: null, skill),
                    },
                    now),
                cancellationToken);
            return SkillAnswer.Of(skill);
        }
    }

    internal sealed record SkillCreated(Guid UserId, AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
