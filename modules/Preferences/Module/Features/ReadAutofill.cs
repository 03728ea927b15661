using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Preferences.Features;

/// <summary>What a user gave a template's parameters last, for a form that is filled in before it is shown.</summary>
internal static class ReadAutofill
{
    private const string TemplateParameter = "template_id";

    /// <param name="Name">Of the parameter.</param>
    /// <param name="Value">That was given last.</param>
    [AnswerExample("""{"name":"region","value":"eu-central"}""")]
    internal sealed record AutofillParameter(string Name, string Value);

    internal sealed record Query(Guid UserId, Guid TemplateId) : IQuery<IReadOnlyList<AutofillParameter>>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/autofill-parameters", async (
                    Target target, HttpRequest request, IMediator mediator, CancellationToken ct) =>
                {
                    var problems = request.Query.Keys
                        .Where(name => name != TemplateParameter)
                        .Select(name => new Validation(name, "This route reads no such parameter. Leave it out."))
                        .ToList();
                    if (!SharedKernel.Text.Uuid.TryParse(Paging.First(request.Query, TemplateParameter), out var template))
                    {
                        problems.Insert(0, new Validation(TemplateParameter, "Give the UUID of a template."));
                    }

                    return problems.Count > 0
                        ? Refusal(Error.InvalidFields(problems))
                        : await mediator.AnswerAsync(new Query(target.Id, template), ct);
                })
                .RequiresToSee(PreferencePermissions.Read)
                .Describe(
                    nameof(ReadAutofill),
                    "Reads what a user gave a template's parameters last",
                    "Sorted by name. There are no templates on this server, so any UUID names one, and what clients recorded for it is answered.")
                .Reads(TemplateParameter, "The template's UUID.", example: "a3c1f6f2-5b1e-4a7e-9a53-2f6d0f3f7c11")
                .Answers<IReadOnlyList<AutofillParameter>>().Refuses(400, 404);
    }

    internal sealed class Handler(PreferencesDbContext db) : IRequestHandler<Query, Result<IReadOnlyList<AutofillParameter>>>
    {
        public async Task<Result<IReadOnlyList<AutofillParameter>>> Handle(Query request, CancellationToken cancellationToken) => await db.AutofillValues
            .AsNoTracking()
            .Where(value => value.UserId == request.UserId && value.TemplateId == request.TemplateId)
            .OrderBy(value => value.Name)
            .Select(value => new AutofillParameter(value.Name, value.Value))
            .ToListAsync(cancellationToken);
    }
}
