using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Modular.SharedKernel.Text;
using Modular.Users.People.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.Import;

/// <summary>
/// Makes, and on request changes, the users that a file lists. <see cref="ImportRun"/> reads the file and sends it here in batches;
/// what fails is a row, never the file.
/// </summary>
internal static class ImportUsers
{
    private const string Csv = "text/csv";

    /// <param name="Line">Of the file, where the row begins.</param>
    /// <param name="ExternalId">As the row says.</param>
    /// <param name="Result">See <see cref="ImportResult"/>.</param>
    /// <param name="UserId">Absent where the row failed, and for users that a dry run did not make.</param>
    /// <param name="Errors">Why the row failed; a field without a name is the whole row.</param>
    [AnswerExample("""{"line":1,"external_id":"hr-4711","result":"created","user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83"}""")]
    internal sealed record Response(
        int Line,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExternalId,
        string Result,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? UserId,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Validation>? Errors)
    {
        internal static Response Done(ReadRow read, string result, Guid? userId) => new(read.Line, read.Row?.ExternalId, result, userId, null);

        internal static Response Failed(ReadRow read, IReadOnlyList<Validation> problems) =>
            new(read.Line, read.Row?.ExternalId, ImportResult.Failed, null, problems);

        /// <param name="read">The row.</param>
        /// <param name="error">Why it failed.</param>
        /// <param name="field">Which member made it fail, where the error itself names none.</param>
        internal static Response Failed(ReadRow read, Error error, string? field = null) => Failed(
            read,
            error.Validations.Count > 0
                ? error.Validations
                : [new Validation(field ?? FieldOf(error), error.Detail is { } detail ? $"{error.Message} {detail}" : error.Message)]);

        private static string FieldOf(Error error) => error == UserErrors.EmailTaken ? "email"
            : error == UserErrors.UsernameTaken ? "username"
            : error == UserErrors.ExternalIdTaken ? "external_id"
            : "";
    }

    /// <summary>Ends the answer to an import that came to its end.</summary>
    internal sealed record LastLine(ImportSummary Summary);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/import", Handle)
                .HandlerRequires(UserPermissions.Create, UserPermissions.AddToOrganization, UserPermissions.AssignRole)
                .Describe(
                    nameof(ImportUsers),
                    "Imports users from a file, line by line, and answers a line for each while it reads",
                    "NDJSON, or CSV with a header line, of up to 1 GiB. The answer has a line for each line that was decided, in their order, once it "
                        + "is committed; a row that is wrong fails alone. An import that was cut off can be repeated: rows that are there already "
                        + "are skipped.")
                .Example("""{"external_id":"hr-4711","email":"jane@example.com","username":"jane-doe","name":"Jane Doe","roles":[]}""")
                .WithMetadata(new RequestBodyOf(typeof(ImportRow)) { MediaTypes = [ImportRun.ContentType, Csv] })
                .Reads("dry_run", "true: nothing is written, and each row is judged by what is there now.")
                .Reads("on_existing", "What to do with users that exist: skip (default), or update their name, status and roles.")
                .WithMetadata(new Answer(StatusCodes.Status200OK, typeof(Response)) { MediaType = ImportRun.ContentType })
                .Refuses(400, 403);

        private static IResult Handle(
            HttpContext http, ICurrentUser current, StreamSlots slots, IServiceScopeFactory scopes, TimeProvider clock)
        {
            // Accounts with roles can be made by it: a narrowed key is refused like a missing role.
            if (!current.Required.Restrictions.HoldsEverything || !current.Required.May(UserPermissions.Create))
            {
                return Refusal(Error.NotAllowed);
            }

            if (FormatOf(http.Request) is not { } format || BodyBytes.IsEncoded(http.Request))
            {
                return Refusal(ImportErrors.NotAFile);
            }

            if (http.Request.ContentLength > LineReader.MaxFileBytes)
            {
                return Refusal(ImportErrors.TooLarge);
            }

            var problems = new List<Validation>();
            var options = ReadOptions(http.Request.Query, problems);
            if (problems.Count > 0)
            {
                return Refusal(Error.InvalidFields(problems));
            }

            var slot = slots.Take(current.Required.UserId);
            if (slot.Error is { } tooMany)
            {
                return Refusal(tooMany);
            }

            http.Response.RegisterForDispose(slot.Value);

            // The reader counts the file; this would count the framing of its chunks too.
            http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            var lines = new LineReader(http.Request.BodyReader);
            IRowReader rows = format == Csv ? new CsvRows(lines) : new NdjsonRows(lines);
            return new ImportRun(rows, options, slot.Value, scopes, clock);
        }

        private static string? FormatOf(HttpRequest request) =>
            request.Headers.ContentEncoding.Count == 0
            && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (!type.Charset.HasValue || type.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
                ? new[] { ImportRun.ContentType, Csv }.FirstOrDefault(format => type.MediaType.Equals(format, StringComparison.OrdinalIgnoreCase))
                : null;

        private static ImportOptions ReadOptions(IQueryCollection query, List<Validation> problems)
        {
            var dryRun = Paging.First(query, "dry_run") is { Length: > 0 } text ? GoParse.Bool(text) : false;
            if (dryRun is null)
            {
                problems.Add(new Validation("dry_run", "Give true or false."));
            }

            var onExisting = Paging.First(query, "on_existing");
            if (onExisting is not ("" or "skip" or "update"))
            {
                problems.Add(new Validation("on_existing", "Give skip or update."));
            }

            return new ImportOptions(Updates: onExisting == "update", dryRun ?? false);
        }
    }
}

/// <summary>How a row ended.</summary>
internal static class ImportResult
{
    internal const string Created = "created";
    internal const string Updated = "updated";
    internal const string Unchanged = "unchanged";
    internal const string Skipped = "skipped";
    internal const string Failed = "failed";
}
