using Mapster;
using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.UserSkills.Features;

internal static class ListSkills
{
    internal sealed record Query(Guid UserId) : IQuery<IReadOnlyList<SkillMetadata>>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/experimental/users/{user}/skills", async (Target target, HttpRequest request, IMediator mediator, CancellationToken ct) =>
                    Paging.First(request.Query, ReadSkillCatalogue.FormatParameter) is { Length: > 0 } format
                        ? await mediator.AnswerAsync(
                            new ReadSkillCatalogue.Query(target.Id, format, Paging.First(request.Query, ReadSkillCatalogue.MaxCharsParameter)), ct)
                        : await mediator.AnswerAsync(new Query(target.Id), ct))
                .HandlerRequires(WithoutPermission.NotFound, SkillPermissions.Read)
                .Describe(
                    nameof(ListSkills),
                    "Lists a user's personal skills by name",
                    "Without their contents. With format=catalog, the skills that are switched on and a text that tells a model of them: an object with "
                        + "skills (name, description), omitted, the number of those that the text had no room for, and text.")
                .Reads(ReadSkillCatalogue.FormatParameter, "catalog: as a text for a model's context.")
                .Reads(ReadSkillCatalogue.MaxCharsParameter, "The most characters of that text, from 256 to 100000; 8000 where it is left out.")
                .Answers<IReadOnlyList<SkillMetadata>>().Refuses(400, 404);
    }

    internal sealed class Handler(ICurrentUser caller, UserSkillsDbContext db) : IRequestHandler<Query, Result<IReadOnlyList<SkillMetadata>>>
    {
        public async Task<Result<IReadOnlyList<SkillMetadata>>> Handle(Query request, CancellationToken cancellationToken)
        {
            if (!caller.Required.HasRight(SkillPermissions.Read, owner: request.UserId))
            {
                return Error.ResourceNotFound;
            }

            var admitted = caller.Required.Restrictions.AdmittedIds(SkillPermissions.Read.Resource);
            return await db.Skills
                .Where(skill => skill.UserId == request.UserId && (admitted == null || admitted.Contains(skill.Id)))
                .OrderBy(skill => skill.Name)
                .ProjectToType<SkillMetadata>(Shapes.Config)
                .ToListAsync(cancellationToken);
        }
    }
}
