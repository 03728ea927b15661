using Modular.SharedKernel.Text;
using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills.Features;

/// <summary>The list of skills in the form for a model's context. Its route is that of <see cref="ListSkills"/>.</summary>
internal static class ReadSkillCatalogue
{
    internal const string FormatParameter = "format";
    internal const string MaxCharsParameter = "max_chars";

    private const string Format = "catalog";
    private const int DefaultMaxChars = 8_000;
    private const int LeastMaxChars = 256;
    private const int MostMaxChars = 100_000;

    /// <param name="Skills">Those that the text names, in its order.</param>
    /// <param name="Omitted">How many more are switched on.</param>
    /// <param name="Text">For the model; empty where it names none.</param>
    internal sealed record Response(IReadOnlyList<CatalogueSkill> Skills, int Omitted, string Text);

    /// <param name="Name">What the model passes to load the skill.</param>
    /// <param name="Description">As it is stored; the text shows it in one line.</param>
    internal sealed record CatalogueSkill(string Name, string Description);

    /// <param name="UserId">Whose skills.</param>
    /// <param name="Format">As it stands in the query.</param>
    /// <param name="MaxChars">As it stands in the query; empty where it does not.</param>
    internal sealed record Query(Guid UserId, string Format, string MaxChars) : IQuery<Response>;

    internal sealed class Handler(ICurrentUser caller, UserSkillsDbContext db) : IRequestHandler<Query, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Query request, CancellationToken cancellationToken)
        {
            if (!caller.Required.HasRight(SkillPermissions.Read, owner: request.UserId))
            {
                return Error.ResourceNotFound;
            }

            var problems = new List<Validation>();
            if (request.Format != Format)
            {
                problems.Add(new Validation(FormatParameter, $"Give {Format}, or leave it out for the plain list."));
            }

            var maxChars = request.MaxChars.Length == 0 ? DefaultMaxChars
                : GoParse.Int(request.MaxChars) is >= LeastMaxChars and <= MostMaxChars and var given ? (int)given
                : 0;
            if (maxChars == 0)
            {
                problems.Add(new Validation(MaxCharsParameter, $"Give a whole number from {LeastMaxChars} to {MostMaxChars}."));
            }

            if (problems.Count > 0)
            {
                return Error.InvalidFields(problems);
            }

            var admitted = caller.Required.Restrictions.AdmittedIds(SkillPermissions.Read.Resource);
            var enabled = await db.Skills
                .Where(skill => skill.UserId == request.UserId && skill.Enabled && (admitted == null || admitted.Contains(skill.Id)))
                .OrderBy(skill => skill.Name)
                .Select(skill => new CatalogueEntry(skill.Name, skill.Description, SkillSource.Personal))
                .ToListAsync(cancellationToken);
            var fitting = SkillCatalogue.Fitting(enabled, maxChars);
            return new Response(
                [.. fitting.Select(entry => new CatalogueSkill(entry.Alias, entry.Description))], enabled.Count - fitting.Count, SkillCatalogue.Text(fitting));
        }
    }
}
