using System.Text;
using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;

namespace Modular.Preferences.Features;

/// <summary>Clients record what a user gave a template's parameters, since this server runs no templates itself.</summary>
internal static class RecordAutofill
{
    private const int MaxEntries = 100;
    private const int MaxNameBytes = 256;
    private const int MaxValueBytes = 8 * 1024;

    internal sealed record AutofillEntry
    {
        public string? Name { get; init; }

        public string? Value { get; init; }

        /// <summary>True is refused: secrets are not kept here.</summary>
        public bool? Sensitive { get; init; }
    }

    internal sealed record Command(Target User, string Template, Result<List<AutofillEntry?>> Body) : ICommand;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/autofill-parameters/{template_id}", (
                    Target target, string template_id, Body<List<AutofillEntry?>> body, IMediator mediator, CancellationToken ct) =>
                    body.CarryAsync(mediator, read => new Command(target, template_id, read), ct))
                .HandlerRequires(PreferencePermissions.Update)
                .Describe(
                    nameof(RecordAutofill),
                    "Records what a user gave a template's parameters",
                    "The list replaces the one before: at most 100 entries with names of up to 256 bytes and values of up to 8 KiB. An empty list "
                        + "forgets the template. Entries that are marked as sensitive are refused, and nothing of the list is kept.")
                .Example("""[{"name":"region","value":"eu-central"},{"name":"size","value":"large"}]""")
                .Answers().Refuses(403, 404, 409);
    }

    internal sealed class Handler(SettingsWriting writing, AutofillSettings settings, PreferencesDbContext db) : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var user = request.User;
            if (writing.FindRefusal<Unit>(user) is { } refused)
            {
                return refused;
            }

            if (!SharedKernel.Text.Uuid.TryParse(request.Template, out var template))
            {
                return Error.InvalidField("template_id", "Give the UUID of a template.");
            }

            if (request.Body.Error is { } unreadable)
            {
                return unreadable;
            }

            var entries = request.Body.Value;
            if (Problems(entries) is { Count: > 0 } problems)
            {
                return Error.InvalidFields(problems);
            }

            if (!await db.LockOwnerAsync(user.Id, cancellationToken))
            {
                return Error.ResourceNotFound;
            }

            var others = await db.AutofillValues
                .Where(value => value.UserId == user.Id && value.TemplateId != template)
                .Select(value => value.TemplateId)
                .Distinct()
                .CountAsync(cancellationToken);
            if (entries.Count > 0 && others >= settings.Templates)
            {
                return Error.Conflict(
                    "preferences.too_many_templates",
                    "Values of as many templates as can be are kept for this user.",
                    $"The limit is {settings.Templates}. Send an empty list for one that is no longer used.");
            }

            await db.AutofillValues.Where(value => value.UserId == user.Id && value.TemplateId == template).ExecuteDeleteAsync(cancellationToken);
            db.AutofillValues.AddRange(entries.Select(entry =>
                new AutofillValue { UserId = user.Id, TemplateId = template, Name = entry!.Name!, Value = entry.Value! }));
            await db.SaveChangesAsync(cancellationToken);
            return Unit.Value;
        }

        /// <summary>Of the first entry that is wrong, and of the list as a whole.</summary>
        private static List<Validation> Problems(List<AutofillEntry?> entries)
        {
            if (entries.Count > MaxEntries)
            {
                return [new Validation("name", $"{entries.Count} entries are too many; send at most {MaxEntries}.")];
            }

            var names = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < entries.Count; i++)
            {
                List<Validation> problems =
                [
                    .. entries[i]?.Name is not { Length: > 0 } name ? [new Validation("name", $"Entry {i} has no name.")]
                        : Encoding.UTF8.GetByteCount(name) > MaxNameBytes ? [new Validation("name", $"The name of entry {i} is longer than {MaxNameBytes} bytes.")]
                        : !names.Add(name) ? [new Validation("name", $"Entry {i} has a name that an entry before it has. Send each once.")]
                        : Array.Empty<Validation>(),
                    .. entries[i]?.Value is not { } value ? [new Validation("value", $"Entry {i} has no value.")]
                        : Encoding.UTF8.GetByteCount(value) > MaxValueBytes ? [new Validation("value", $"The value of entry {i} is longer than {MaxValueBytes} bytes.")]
                        : Array.Empty<Validation>(),
                    .. entries[i]?.Sensitive == true ? [new Validation("value", $"Entry {i} is sensitive, and secrets are not kept here. Leave it out.")] : Array.Empty<Validation>(),
                ];
                if (problems.Count > 0)
                {
                    return problems;
                }
            }

            return [];
        }
    }
}
