using Microsoft.Extensions.DependencyInjection;
using Modular.Users.Organizations.Domain;
using Modular.Users.People;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.Organizations;

/// <summary>The members of an organization by username: all of them, streamed batch by batch, or a page that can be searched.</summary>
internal static class ListMembers
{
    private const int BatchSize = 500;

    [AnswerExample(
        """
        {"members":[{"user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","organization_id":"f7410639-9649-4c7b-88cd-3c9d8b93726a","created_at":"2026-11-26T16:20:53.53678Z",
        "updated_at":"2026-11-26T16:20:53.53678Z","roles":[{"name":"organization-auditor","display_name":"Organization Auditor","organization_id":"f7410639-9649-4c7b-88cd-3c9d8b93726a"}],
        "username":"jane-doe","name":"Jane Doe","email":"jane@example.com","global_roles":[],"status":"active","login_type":"password",
        "last_seen_at":"2026-11-26T16:20:54.164139Z","user_created_at":"2026-11-26T16:20:53.53678Z","user_updated_at":"2026-11-26T16:20:54.164139Z","has_ai_seat":false}],"count":1}
        """)]
    internal sealed record Response(IReadOnlyList<MemberWithUserAnswer> Members, int Count);

    /// <summary>The same, of a list that is read while it is written.</summary>
    internal sealed record Streamed(IAsyncEnumerable<MemberWithUserAnswer> Members, int Count);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapGet("/api/v2/organizations/{organization}/members", async (
                    string organization, IMediator mediator, IServiceScopeFactory scopes, CancellationToken ct) =>
                {
                    var all = new Batch(organization, new UserFilter(), After: null, Offset: 0, int.MaxValue);
                    return (await mediator.Send(all, ct)).ToAnswer(members => members.Count < BatchSize
                        ? Json(members)
                        : new JsonStream<IAsyncEnumerable<MemberWithUserAnswer>>(AllAsync(scopes, all, members, ct)));
                })
                .HandlerRequires(UserPermissions.ReadMembers)
                .Describe(
                    "ListMembers",
                    "Lists all members of an organization",
                    "The whole list is streamed, ordered by username.")
                .Answers<IReadOnlyList<MemberWithUserAnswer>>().Refuses(403, 404);

            app.MapGet("/api/v2/organizations/{organization}/paginated-members", HandlePageAsync)
                .HandlerRequires(UserPermissions.ReadMembers)
                .Describe(
                    "ListMembersByPage",
                    "Lists and searches the members of an organization, page by page",
                    "Ordered by username; Link names the next page.")
                .Reads("q", "As for the list of users.")
                .Reads("after_id", "The user id of the last member of the page before.")
                .Reads("limit", "Members at most; absent or 0 for all.")
                .Reads("offset", "Members to pass over, behind after_id.")
                .Answers<Response>().Refuses(400, 403, 404);
        }

        private static async Task<IResult> HandlePageAsync(
            string organization, HttpContext http, UserSettings settings, IMediator mediator, IServiceScopeFactory scopes, CancellationToken ct)
        {
            var problems = new List<Validation>();
            var paging = Paging.Read(http.Request.Query, problems).AtMost(settings.MaxPageSize);
            var filter = UserFilter.Read(Paging.ReadSearch(http.Request, problems), problems);
            if (problems.Count > 0)
            {
                return Refusal(Error.InvalidFields(problems));
            }

            var page = new Batch(organization, filter, paging.AfterId, paging.Offset, paging.Rows);
            var first = await mediator.Send(page, ct);
            if (first.Error is { } error)
            {
                return Refusal(error);
            }

            // As in the list of users: an empty page counts nothing.
            var members = first.Value;
            var counted = members.Count == 0 ? 0 : await mediator.Send(new Count(organization, filter, paging.AfterId), ct);
            if (counted.Error is { } gone)
            {
                return Refusal(gone); // The organization has been deleted meanwhile.
            }

            var count = counted.Value;
            if (count > (long)paging.Offset + paging.Rows)
            {
                var end = members;
                if (paging.Rows > BatchSize)
                {
                    var found = await mediator.Send(page with { Offset = paging.Offset + paging.Rows - 1, Limit = 1 }, ct);
                    end = found.Error is null ? found.Value : [];
                }

                if (end is [.., var last])
                {
                    Paging.TellNext(http, last.UserId);
                }
            }

            return members.Count < BatchSize || paging.Rows <= BatchSize
                ? Json(new Response(members, count))
                : new JsonStream<Streamed>(new Streamed(AllAsync(scopes, page, members, ct), count));
        }

        private static IAsyncEnumerable<MemberWithUserAnswer> AllAsync(
            IServiceScopeFactory scopes, Batch first, IReadOnlyList<MemberWithUserAnswer> members, CancellationToken ct)
        {
            var left = first.Limit;
            return Batches.FollowAsync(
                scopes,
                members,
                batch => batch.Count < BatchSize || (left -= batch.Count) <= 0
                    ? null
                    : first with { After = batch[^1].UserId, Offset = 0, Limit = left },
                ct);
        }
    }

    /// <param name="Organization">As the path names it.</param>
    /// <param name="Filter">Who is asked for.</param>
    /// <param name="After">The user id of the last member that is there already.</param>
    /// <param name="Offset">Members to pass over behind it.</param>
    /// <param name="Limit">Members at most, in this batch and those to come.</param>
    internal sealed record Batch(string Organization, UserFilter Filter, Guid? After, int Offset, int Limit) : IQuery<IReadOnlyList<MemberWithUserAnswer>>;

    internal sealed record Count(string Organization, UserFilter Filter, Guid? After) : IQuery<int>;

    internal sealed class BatchHandler(ICurrentUser current, UsersDbContext db) : IRequestHandler<Batch, Result<IReadOnlyList<MemberWithUserAnswer>>>
    {
        public async Task<Result<IReadOnlyList<MemberWithUserAnswer>>> Handle(Batch request, CancellationToken cancellationToken)
        {
            var organization = await ReadableAsync(db, current.Required, request.Organization, cancellationToken);
            if (organization.Error is { } error)
            {
                return error;
            }

            var rows = await (await MembersAsync(db, current.Required, organization.Value, request.Filter, request.After, cancellationToken))
                .OrderBy(row => row.User.UsernameKey)
                .Skip(request.Offset)
                .Take(Math.Min(request.Limit, BatchSize))
                .ToListAsync(cancellationToken);
            return rows.ConvertAll(row => MemberWithUserAnswer.Of(row.Membership, row.User));
        }
    }

    internal sealed class CountHandler(ICurrentUser current, UsersDbContext db) : IRequestHandler<Count, Result<int>>
    {
        public async Task<Result<int>> Handle(Count request, CancellationToken cancellationToken)
        {
            var organization = await ReadableAsync(db, current.Required, request.Organization, cancellationToken);
            if (organization.Error is { } error)
            {
                return error;
            }

            // A membership ends with its user: where no filter picks users out, memberships alone are counted.
            return request.Filter.IsEmpty && request.After is null
                ? await db.OrganizationMembers.CountAsync(member => member.OrganizationId == organization.Value, cancellationToken)
                : await (await MembersAsync(db, current.Required, organization.Value, request.Filter, request.After, cancellationToken))
                    .CountAsync(cancellationToken);
        }
    }

    private sealed record Member
    {
        internal required OrganizationMember Membership { get; init; }

        internal required User User { get; init; }
    }

    private static async Task<Result<Guid>> ReadableAsync(UsersDbContext db, Caller caller, string organization, CancellationToken ct)
    {
        var id = await db.Organizations.ReadableBy(caller).Called(organization).Select(o => (Guid?)o.Id).SingleOrDefaultAsync(ct);
        return id is null ? Error.ResourceNotFound
            : !caller.May(UserPermissions.ReadMembers, organization: id) ? Error.NotAllowed
            : id.Value;
    }

    /// <summary>Behind a user that is neither a member nor to be read by the caller there is nothing.</summary>
    private static async Task<IQueryable<Member>> MembersAsync(
        UsersDbContext db, Caller caller, Guid organization, UserFilter filter, Guid? after, CancellationToken ct)
    {
        var users = filter.Apply(db.Users.AsNoTracking().Where(user => !user.Deleted));
        if (after is { } cursor)
        {
            var isReadable = caller.May(UserPermissions.Read, owner: cursor, id: cursor);
            var key = await db.Users
                .Where(user => user.Id == cursor
                    && (isReadable || db.OrganizationMembers.Any(member => member.OrganizationId == organization && member.UserId == cursor)))
                .Select(user => user.UsernameKey).SingleOrDefaultAsync(ct);
            users = key is null ? users.Where(user => false) : users.Where(user => user.UsernameKey.CompareTo(key) > 0);
        }

        return db.OrganizationMembers.AsNoTracking()
            .Where(member => member.OrganizationId == organization)
            .Join(users, member => member.UserId, user => user.Id, (member, user) => new Member { Membership = member, User = user });
    }
}
