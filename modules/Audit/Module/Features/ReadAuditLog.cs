using System.Text.Json;
using System.Text.Json.Serialization;
using Modular.Audit.Domain;
using Modular.Audit.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Audit.Features;

internal static class ReadAuditLog
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;
    private const int CountCap = 2_000;

    [AnswerExample(
        """
        {"audit_logs":[{"id":"01a218a8-eef5-72de-8767-bff8c5c53d76","request_id":"01a218a8-ee06-7ed9-8417-4a7d64f07663",
        "time":"2026-11-26T16:20:54.133149Z","organization_id":"00000000-0000-0000-0000-000000000000","ip":"192.0.2.7","user_agent":"curl/8.5.0",
        "resource_type":"user","resource_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","resource_target":"jane-doe","resource_icon":"","action":"write",
        "diff":{"name":{"old":"","new":"Jane Doe","secret":false}},"status_code":200,"additional_fields":{},
        "description":"{user} updated user {target}","resource_link":"/users?filter=jane-doe","is_deleted":false,"user":{"id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","username":"jane-doe","name":"Jane Doe","email":"jane@example.com",
        "created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:54.164139Z","last_seen_at":"2026-11-26T16:20:54.164139Z",
        "status":"active","login_type":"password","organization_ids":["f7410639-9649-4c7b-88cd-3c9d8b93726a"],
        "roles":[{"name":"user-admin","display_name":"User Admin"}],"has_ai_seat":false}}],"count":1,"count_cap":2000}
        """)]
    internal sealed record Response(IReadOnlyList<AuditEntryAnswer> AuditLogs, int Count, int CountCap)
    {
        /// <summary>Whether there are entries behind the page.</summary>
        [JsonIgnore]
        internal bool More { get; init; }
    }

    /// <summary>An entry, and who did it as that user is now.</summary>
    internal sealed record AuditEntryAnswer(
        Guid Id,
        Guid RequestId,
        DateTimeOffset Time,
        Guid OrganizationId,
        string Ip,
        string UserAgent,
        string ResourceType,
        Guid ResourceId,
        string ResourceTarget,
        string ResourceIcon,
        string Action,
        JsonElement Diff,
        int StatusCode,
        JsonElement AdditionalFields,
        string Description,
        string ResourceLink,
        bool IsDeleted,
        object? User,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DescribedOrganization? Organization)
    {
        [JsonIgnore]
        internal Guid? UserId { get; init; }
    }

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/audit", HandleAsync)
                .HandlerRequires(WithoutPermission.Less, AuditPermissions.Read)
                .Describe(
                    nameof(ReadAuditLog),
                    "Reads the audit log, newest first",
                    "A caller who may read only some organizations' entries gets those, and one who may read none gets none. q takes the filters of the log; "
                        + "Link names the next page.")
                .Reads("q", "A type of resource, and filters key:value: resource_type, action, resource_id, resource_target, username, email, date_from, date_to, organization, request_id.")
                .Reads("after_id", "The id of the last entry of the page before.")
                .Reads("limit", "Entries at most, up to 1000; absent or 0 for 100.")
                .Reads("offset", "Entries to pass over.")
                .Answers<Response>().Refuses(400);

        private static async Task<IResult> HandleAsync(
            HttpContext http, ICurrentUser current, IUserDirectory users, AuditedTypes types, IMediator mediator, CancellationToken ct)
        {
            var (request, problems) = (http.Request, new List<Validation>());
            var paging = Paging.Read(request.Query, problems);
            if (paging is { AfterId: not null, Offset: > 0 })
            {
                problems.Add(new Validation("after_id", "Give after_id or offset, not both."));
            }

            var filter = await AuditFilter.ReadAsync(Paging.ReadSearch(request, problems), current.Required, users, types, problems, ct);
            if (problems.Count > 0)
            {
                return Refusal(Error.InvalidFields(problems));
            }

            var result = await mediator.Send(new Query(filter, paging), ct);
            if (result is { Error: null, Value: { More: true, AuditLogs: [.., var last] } })
            {
                Paging.TellNext(http, last.Id);
            }

            return result.Error is { } error ? Refusal(error) : Json(await WithUsersAsync(result.Value, users, ct));
        }

        /// <summary>One question to the directory for the whole page: who acted, and which users the entries are about.</summary>
        private static async Task<Response> WithUsersAsync(Response page, IUserDirectory users, CancellationToken ct)
        {
            var ids = page.AuditLogs.Select(entry => entry.UserId).OfType<Guid>()
                .Concat(page.AuditLogs.Where(entry => entry.ResourceType == Target.ResourceType).Select(entry => entry.ResourceId))
                .ToHashSet();
            var described = await users.DescribeAsync(ids, ct);
            var organizations = await users.DescribeOrganizationsAsync(
                page.AuditLogs.Select(entry => entry.OrganizationId).Where(id => id != Guid.Empty).ToHashSet(), ct);
            return page with
            {
                AuditLogs = [.. page.AuditLogs.Select(entry =>
                {
                    var deleted = entry.ResourceType == Target.ResourceType && (!described.TryGetValue(entry.ResourceId, out var about) || about.IsDeleted);
                    return entry with
                    {
                        User = entry.UserId is { } actor ? described.GetValueOrDefault(actor)?.Wire : null,
                        IsDeleted = deleted,
                        Organization = organizations.GetValueOrDefault(entry.OrganizationId),
                        ResourceLink = entry.ResourceType == Target.ResourceType && !deleted ? $"/users?filter={Uri.EscapeDataString(entry.ResourceTarget)}" : "",
                    };
                })],
            };
        }
    }

    internal sealed record Query(AuditFilter Filter, Paging Paging) : IQuery<Response>;

    internal sealed class Handler(ICurrentUser current, AuditedTypes types, AuditDbContext db) : IRequestHandler<Query, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Query request, CancellationToken cancellationToken)
        {
            // The permission is a filter here: who may see nothing sees nothing.
            var organizations = current.Required.OrganizationsWith(AuditPermissions.Read);
            if (organizations is { Count: 0 } || current.Required.Restrictions.AdmittedIds(AuditPermissions.Read.Resource) is not null)
            {
                return new Response([], 0, CountCap);
            }

            var readable = db.Entries.AsNoTracking();
            if (organizations is not null)
            {
                readable = readable.Where(entry => organizations.Contains(entry.OrganizationId));
            }

            var matching = request.Filter.Apply(readable);

            var page = matching;
            if (request.Paging.AfterId is { } cursor)
            {
                var last = await readable.Where(entry => entry.Id == cursor).Select(entry => new { entry.Time, entry.Id }).SingleOrDefaultAsync(cancellationToken);
                page = last is null
                    ? page.Where(entry => false)
                    : page.Where(entry => EF.Functions.LessThan(ValueTuple.Create(entry.Time, entry.Id), ValueTuple.Create(last.Time, last.Id)));
            }

            var limit = request.Paging.Limit == 0 ? DefaultLimit : Math.Min(request.Paging.Limit, MaxLimit);
            var entries = await page
                .OrderByDescending(entry => entry.Time).ThenByDescending(entry => entry.Id)
                .Skip(request.Paging.Offset)
                .Take(limit + 1)
                .ToListAsync(cancellationToken);
            var count = await matching.Take(CountCap + 1).CountAsync(cancellationToken);
            return new Response([.. entries.Take(limit).Select(Shown)], count, CountCap) { More = entries.Count > limit };
        }

        private AuditEntryAnswer Shown(AuditEntry entry) => new(
            entry.Id,
            entry.RequestId,
            entry.Time,
            entry.OrganizationId,
            entry.Ip?.ToString() ?? "",
            entry.UserAgent,
            entry.ResourceType,
            entry.ResourceId,
            entry.ResourceTarget,
            ResourceIcon: "",
            entry.Action,
            JsonElement.Parse(entry.Diff),
            entry.StatusCode,
            JsonElement.Parse(entry.AdditionalFields),
            AuditVocabulary.Describe(entry.Action, types.PhraseOf(entry.ResourceType), entry.StatusCode),
            ResourceLink: "",
            IsDeleted: false,
            User: null,
            Organization: null)
        {
            UserId = entry.UserId,
        };
    }
}
