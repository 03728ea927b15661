using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Modular.SharedKernel.Text;
using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
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
            app.MapPost("/api/v2/users/import", HandleAsync)
                .Requires(UserPermissions.Create, UserPermissions.AddToOrganization, UserPermissions.AssignRole)
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

        private static async Task<IResult> HandleAsync(
            HttpContext http, ICurrentUser current, StreamSlots slots, IServiceScopeFactory scopes, TimeProvider clock, CancellationToken ct)
        {
            // Accounts with roles can be made by it: a narrowed key is refused like a missing role.
            if (!current.Required.Restrictions.HoldsEverything || !current.Required.May(UserPermissions.Create))
            {
                return Refuse(Error.NotAllowed);
            }

            if (FormatOf(http.Request) is not { } format || BodyBytes.IsEncoded(http.Request))
            {
                return Refuse(ImportErrors.NotAFile);
            }

            if (http.Request.ContentLength > LineReader.MaxFileBytes)
            {
                return Refuse(ImportErrors.TooLarge);
            }

            var problems = new List<Validation>();
            var options = ReadOptions(http.Request.Query, problems);
            if (problems.Count > 0)
            {
                return Refuse(Error.InvalidFields(problems));
            }

            var slot = slots.Take(current.Required.UserId);
            if (slot.Error is { } tooMany)
            {
                return Refuse(tooMany);
            }

            http.Response.RegisterForDispose(slot.Value);

            // The reader counts the file; this would count the framing of its chunks too.
            http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            var lines = new LineReader(http.Request.BodyReader);
            if (format != Csv)
            {
                return new ImportRun(new NdjsonRows(lines), options, slot.Value, scopes, clock);
            }

            return (await OpenCsvAsync(lines, ct)).ToHttp(rows => new ImportRun(rows, options, slot.Value, scopes, clock));
        }

        private static async Task<Result<CsvRows>> OpenCsvAsync(LineReader lines, CancellationToken ct)
        {
            try
            {
                return await CsvRows.OpenAsync(lines, ct);
            }
            catch (BadHttpRequestException)
            {
                return BodyErrors.Unreadable("The body ended or was framed in a way that HTTP does not allow.");
            }
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

    /// <summary>Some rows of the file, in one transaction.</summary>
    internal sealed record Batch(IReadOnlyList<ReadRow> Rows, ImportOptions Options) : ICommand<IReadOnlyList<Response>>;

    internal sealed class BatchHandler(ICurrentUser current, UserSettings settings, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Batch, Result<IReadOnlyList<Response>>>
    {
        private readonly List<IntegrationEvent> facts = [];
        private KnownPeople people = new([]);
        private List<KnownOrganization> organizations = [];
        private ILookup<Guid, string> organizationRoles = Array.Empty<string>().ToLookup(_ => Guid.Empty);
        private Caller? by;

        public async Task<Result<IReadOnlyList<Response>>> Handle(Batch request, CancellationToken cancellationToken)
        {
            var rows = request.Rows.Where(read => read.Problems.Count == 0).Select(read => read.Row!).ToList();
            await LoadPeopleAsync(rows, request.Options, cancellationToken);
            organizations = await OrganizationsAsync(rows, cancellationToken);

            if (by?.May(UserPermissions.Create) != true)
            {
                return Error.NotAllowed; // The caller may have lost the right since the file began.
            }

            var now = clock.GetUtcNow();
            List<Response> lines = [.. request.Rows.Select(read => Import(read, request.Options, now))];
            if (request.Options.DryRun)
            {
                return lines;
            }

            await db.SaveChangesAsync(cancellationToken);
            await PublishAsync<UserCreated>(cancellationToken);
            await PublishAsync<UserProfileChanged>(cancellationToken);
            await PublishAsync<UserRolesChanged>(cancellationToken);
            await PublishAsync<UserStatusChanged>(cancellationToken);
            return lines;
        }

        /// <summary>Of a user these follow one another; of different users they are independent, and go faster by kind.</summary>
        private Task PublishAsync<TEvent>(CancellationToken ct)
            where TEvent : IntegrationEvent => events.PublishAllAsync(facts.OfType<TEvent>().ToList(), ct);

        private Response Import(ReadRow read, ImportOptions options, DateTimeOffset now)
        {
            if (read.Problems.Count > 0)
            {
                return Response.Failed(read, read.Problems);
            }

            var row = read.Row!;
            return people.Find(row) is not { } user ? Create(read, row, by!, options, now)
                : options.Updates ? Update(read, row, user, by!, now)
                : Response.Done(read, ImportResult.Skipped, user.Id);
        }

        private Response Create(ReadRow read, ImportRow row, Caller creator, ImportOptions options, DateTimeOffset now)
        {
            var (email, username, loginType) = (row.Email ?? "", row.Username ?? "", row.LoginType ?? "");
            var isService = row.ServiceAccount == true;
            var hash = string.IsNullOrEmpty(row.PasswordHash) ? null : row.PasswordHash;
            var missing = new[] { ("email", email.Length == 0 && !isService), ("username", username.Length == 0) }
                .Where(field => field.Item2)
                .Select(field => new Validation(field.Item1, "A new user needs this field."))
                .ToList();
            if (missing.Count > 0)
            {
                return Response.Failed(read, missing);
            }

            if (NewAccount.Contradiction(isService, loginType, email.Length > 0, hash is not null, settings.PasswordLoginDisabled) is { } contradiction)
            {
                return Response.Failed(read, contradiction, "login_type");
            }

            if (people.HasUsername(username) || people.HasEmail(email))
            {
                return Response.Failed(read, people.HasUsername(username) ? UserErrors.UsernameTaken : UserErrors.EmailTaken);
            }

            var (joined, unknown) = OrganizationsOf(row);
            if (unknown is not null)
            {
                return Response.Failed(read, [new Validation("organizations", $"There is no organization '{unknown}'. Give its name or its id.")]);
            }

            if (NewAccount.UnavailableLogin(isService, loginType) is { } unavailable)
            {
                return Response.Failed(read, unavailable, "login_type");
            }

            if (!creator.May(UserPermissions.AddToOrganization) || !creator.May(UserPermissions.AssignRole))
            {
                return Response.Failed(read, Error.NotAllowed);
            }

            if (NewAccount.NotGiven(RolesOf(row), creator.Roles) is { } notGiven)
            {
                return Response.Failed(read, notGiven, "roles");
            }

            if (row.UserStatus == AccountStatus.Suspended)
            {
                return Response.Failed(read, [new Validation("user_status", "A user is created 'active' or 'dormant'.")]);
            }

            var user = User.Register(
                Guid.CreateVersion7(now),
                username,
                email,
                row.Name ?? "",
                isService ? LoginType.None : LoginType.Password,
                string.IsNullOrEmpty(row.UserStatus) ? AccountStatus.Dormant : row.UserStatus,
                hash,
                RolesOf(row),
                now,
                string.IsNullOrEmpty(row.ExternalId) ? null : row.ExternalId);
            people.Add(user);
            if (options.DryRun)
            {
                return Response.Done(read, ImportResult.Created, userId: null);
            }

            db.Users.Add(user);
            db.OrganizationMembers.AddRange(joined.Select(id => new OrganizationMember(id, user.Id, now)));
            facts.Add(new UserCreated(
                user.Id,
                user.Username,
                user.Status,
                user.RbacRoles,
                new AuditFacts("create", "user", user.Id, user.Username, StatusCodes.Status200OK) { Diff = User.AuditShape.Diff(before: null, user) },
                now)
            {
                IsImported = true,
                OrganizationRoles = [.. joined.Select(id => OrganizationRole.In(id, OrganizationRole.Member))],
            });
            return Response.Done(read, ImportResult.Created, user.Id);
        }

        /// <summary>Absent members are kept. What would change needs what the route for that change needs.</summary>
        private Response Update(ReadRow read, ImportRow row, User user, Caller by, DateTimeOffset now)
        {
            var name = row.Name is { } wanted && wanted != user.Name ? wanted : null;
            var roles = row.Roles is not null && !RolesOf(row).ToHashSet().SetEquals(user.RbacRoles) ? RolesOf(row) : null;
            var status = !string.IsNullOrEmpty(row.UserStatus) && row.UserStatus != user.Status ? row.UserStatus : null;
            if (name is null && roles is null && status is null)
            {
                return Response.Done(read, ImportResult.Unchanged, user.Id);
            }

            Validation?[] refusals =
            [
                Refusal("name", name is null ? null : WhyNotRename(user, by)),
                Refusal("roles", roles is null ? null : WhyNotGive(roles, user, by)),
                Refusal("user_status", status is null ? null : WhyNotSet(status, roles ?? user.RbacRoles, user, by)),
            ];
            if (refusals.OfType<Validation>().ToList() is { Count: > 0 } problems)
            {
                return Response.Failed(read, problems);
            }

            var before = db.AsItIs(user);
            var changes = new List<Func<AuditFacts?, IntegrationEvent>>();
            if (name is not null)
            {
                user.Rename(user.Username, name, now);
                changes.Add(audit => new UserProfileChanged(user.Id, user.Username, audit, now));
            }

            if (roles is not null)
            {
                user.SetRoles(roles, now);
                changes.Add(audit => new UserRolesChanged(user.Id, roles, audit, now));
            }

            if (status is not null)
            {
                user.SetStatus(status, now);
                changes.Add(audit => new UserStatusChanged(user.Id, user.Username, status, audit, now));
            }

            // One entry of the log for the row, whatever it changed.
            var entry = UserAudit.Changed("write", before, user);
            facts.AddRange(changes.Select((fact, place) => fact(place == 0 ? entry : null)));
            return Response.Done(read, ImportResult.Updated, user.Id);

            static Validation? Refusal(string field, Error? error) =>
                error is null ? null : new Validation(field, error.Detail is { } detail ? $"{error.Message} {detail}" : error.Message);
        }

        /// <summary>As for a profile: another person's is a way to take the account over, so a narrowed key is refused.</summary>
        private static Error? WhyNotRename(User user, Caller by) =>
            (by.UserId != user.Id && !by.Restrictions.HoldsEverything) || !by.May(UserPermissions.UpdatePersonal, owner: user.Id, id: user.Id)
                ? Error.NotAllowed
                : Outranked(user, by);

        private static Error? WhyNotGive(IReadOnlyList<string> roles, User user, Caller by) =>
            by.UserId == user.Id ? UserErrors.OwnRoles
            : !by.Restrictions.HoldsEverything || !by.May(UserPermissions.AssignRole) ? Error.NotAllowed
            : RoleChange.Problem(roles, user.RbacRoles, by.Roles) is { } problem ? Error.Invalid("users.roles", problem)
            : Outranked(user, by);

        private static Error? WhyNotSet(string status, IReadOnlyList<string> roles, User user, Caller by) =>
            status == AccountStatus.Suspended && by.UserId == user.Id ? UserErrors.OwnSuspension
            : status == AccountStatus.Suspended && roles.Contains(SiteRole.Owner) ? UserErrors.OwnerSuspension
            : !by.May(UserPermissions.Update, owner: user.Id, id: user.Id) ? Error.NotAllowed
            : Outranked(user, by);

        private static Error? Outranked(User user, Caller by) =>
            by.UserId != user.Id && RoleAssignment.Outranks(user.RbacRoles, by.Roles) ? UserErrors.Outranked : null;

        /// <summary>
        /// Everybody whom the rows may be about or get in the way of. Those who may be changed are locked, with the caller, whose rights
        /// are read anew; a dry run locks nobody.
        /// </summary>
        private async Task LoadPeopleAsync(List<ImportRow> rows, ImportOptions options, CancellationToken ct)
        {
            var caller = current.Required;
            if (options is { Updates: true, DryRun: false })
            {
                await db.LockOwnersAsync(ct);
            }

            var ids = await FindAsync(rows, ct);
            if (options.DryRun)
            {
                organizationRoles = await db.OrganizationRolesOfAsync(ids, ct);
                by = caller;
                people = new KnownPeople(await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToListAsync(ct));
                return;
            }

            var locked = await db.LockUsersAsync(options.Updates ? [.. ids.Append(caller.UserId).Distinct()] : [caller.UserId], ct);
            organizationRoles = await db.OrganizationRolesOfAsync([.. ids, caller.UserId], ct);
            by = caller.AsIn(locked, organizationRoles);
            var found = options.Updates ? locked : await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToListAsync(ct);
            people = new KnownPeople(found.Where(user => !user.Deleted));
        }

        /// <summary>Three looks into three indexes: one condition over all of them would read the whole table.</summary>
        private Task<List<Guid>> FindAsync(List<ImportRow> rows, CancellationToken ct)
        {
            var externalIds = rows.Select(row => row.ExternalId).Where(id => !string.IsNullOrEmpty(id)).ToArray();
            var emails = rows.Select(row => AsciiLowerCase.Of(row.Email ?? "")).Where(key => key.Length > 0).ToArray();
            var usernames = rows.Select(row => AsciiLowerCase.Of(row.Username ?? "")).Where(key => key.Length > 0).ToArray();
            return db.Database.SqlQuery<Guid>(
                $"""
                select id as "Value" from users.users where not deleted and external_id = any ({externalIds})
                union select id from users.users where not deleted and email_key <> '' and email_key = any ({emails})
                union select id from users.users where not deleted and username_key = any ({usernames})
                """).ToListAsync(ct);
        }

        private Task<List<KnownOrganization>> OrganizationsAsync(List<ImportRow> rows, CancellationToken ct)
        {
            var named = rows.SelectMany(row => row.Organizations ?? []).OfType<string>().Distinct().ToList();
            var ids = named.Select(text => Uuid.TryParse(text, out var id) ? id : Guid.Empty).ToList();
            return db.Organizations.AsNoTracking()
                .Where(o => o.IsDefault || named.Contains(o.Name) || ids.Contains(o.Id))
                .Select(o => new KnownOrganization(o.Id, o.Name, o.IsDefault))
                .ToListAsync(ct);
        }

        /// <summary>The organizations that the row names, each once, or the first that there is not.</summary>
        private (List<Guid> Ids, string? Unknown) OrganizationsOf(ImportRow row)
        {
            var ids = new List<Guid>();
            foreach (var text in row.Organizations is { Count: > 0 } named ? named : [Organization.DefaultName])
            {
                var found = Uuid.TryParse(text ?? "", out var id)
                    ? organizations.Find(o => id == Guid.Empty ? o.IsDefault : o.Id == id)
                    : organizations.Find(o => o.Name == text) ?? organizations.Find(o => o.IsDefault && text == Organization.DefaultName);
                if (found is null)
                {
                    return ([], text ?? "");
                }

                ids.Add(found.Id);
            }

            return ([.. ids.Distinct()], null);
        }

        private static List<string> RolesOf(ImportRow row) => [.. (row.Roles ?? []).OfType<string>().Distinct()];

        private sealed record KnownOrganization(Guid Id, string Name, bool IsDefault);
    }

    /// <summary>Puts the import as a whole into the log.</summary>
    internal sealed record Record(ImportSummary Summary, ImportOptions Options, bool IsComplete) : ICommand, IKeepsRecord;

    internal sealed class RecordHandler(ICurrentUser current, IIntegrationEvents events, TimeProvider clock) : IRequestHandler<Record, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Record request, CancellationToken cancellationToken)
        {
            var facts = new AuditFacts("create", "user_import", current.Required.UserId, "", StatusCodes.Status200OK)
            {
                AdditionalFields = new Dictionary<string, object>
                {
                    ["summary"] = request.Summary,
                    ["on_existing"] = request.Options.Updates ? "update" : "skip",
                    ["complete"] = request.IsComplete,
                },
            };
            await events.PublishAsync(new UsersImported(facts, clock.GetUtcNow()), cancellationToken);
            return Unit.Value;
        }
    }

    internal sealed record UsersImported(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
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
