using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Text;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.People;

/// <summary>Lists and searches users by username. A list that needs more than one batch is streamed.</summary>
internal static class ListUsers
{
    private const int BatchSize = 500;

    [AnswerExample(
        """
        {"users":[{"id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","username":"jane-doe","name":"Jane Doe","email":"jane@example.com",
        "created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:54.164139Z","last_seen_at":"2026-11-26T16:20:54.164139Z",
        "status":"active","login_type":"password","organization_ids":["f7410639-9649-4c7b-88cd-3c9d8b93726a"],
        "roles":[{"name":"user-admin","display_name":"User Admin"}],"has_ai_seat":false}],"count":1}
        """)]
    internal sealed record Response(IReadOnlyList<UserAnswer> Users, int Count);

    /// <summary>The same, of a list that is read while it is written.</summary>
    internal sealed record Streamed(IAsyncEnumerable<UserAnswer> Users, int Count);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users", HandleAsync)
                .HandlerRequires(WithoutPermission.Less, UserPermissions.Read)
                .Describe(
                    nameof(ListUsers),
                    "Lists and searches users",
                    "Ordered by username. Without a limit the whole list is streamed; with one, Link names the next page. count is that of all "
                        + "users that the filter selects.")
                .Reads("q", "Free text, and filters key:value: name, status, role, login_type, service_account, last_seen_before, last_seen_after, created_before, created_after.")
                .Reads("after_id", "The id of the last user of the page before.")
                .Reads("limit", "Users at most; absent or 0 for all.")
                .Reads("offset", "Users to pass over, behind after_id.")
                .Answers<Response>().Refuses(400);

        private static async Task<IResult> HandleAsync(
            HttpContext http, IMediator mediator, IServiceScopeFactory scopes, UserSettings settings, CancellationToken ct)
        {
            var request = http.Request;
            var problems = new List<Validation>();
            var paging = Paging.Read(request.Query, problems).AtMost(settings.MaxPageSize);
            var filter = UserFilter.Read(Paging.ReadSearch(request, problems), problems);
            if (problems.Count > 0)
            {
                return Refusal(Error.InvalidFields(problems));
            }

            var wanted = paging.Rows;
            var first = await mediator.Send(new Batch(filter, paging.AfterId, paging.Offset, wanted), ct);
            return first.ToAnswer<Page>(page =>
            {
                if (page.Next is { } next)
                {
                    Paging.TellNext(http, next);
                }

                return page.Users.Count < BatchSize || wanted <= BatchSize
                    ? Json(new Response(page.Users, page.Count))
                    : new JsonStream<Streamed>(new Streamed(AllAsync(scopes, filter, page, wanted, ct), page.Count));
            });
        }

        private static IAsyncEnumerable<UserAnswer> AllAsync(IServiceScopeFactory scopes, UserFilter filter, Page page, int wanted, CancellationToken ct)
        {
            var left = wanted;
            return Batches.FollowAsync(
                scopes,
                page.Users,
                batch => batch.Count < BatchSize || (left -= batch.Count) <= 0 ? null : new NextBatch(filter, KeyOf(batch[^1]), page.LastKey, left),
                ct);
        }
    }

    /// <summary>The first batch of an answer, and what can be said of the whole.</summary>
    /// <param name="Filter">Who is asked for.</param>
    /// <param name="AfterId">The cursor.</param>
    /// <param name="Offset">Users to pass over behind it.</param>
    /// <param name="Limit">Users at most, in this batch and those to come.</param>
    internal sealed record Batch(UserFilter Filter, Guid? AfterId, int Offset, int Limit) : IQuery<Page>;

    /// <param name="Users">The first batch.</param>
    /// <param name="Count">How many match.</param>
    /// <param name="LastKey">The username key that the answer ends with if the list goes on behind it, however it changes meanwhile.</param>
    /// <param name="Next">The user who has it: the cursor of the next page.</param>
    internal sealed record Page(IReadOnlyList<UserAnswer> Users, int Count, string? LastKey = null, Guid? Next = null);

    /// <summary>The users between two keys, the second one included.</summary>
    internal sealed record NextBatch(UserFilter Filter, string AfterKey, string? LastKey, int Limit) : IQuery<IReadOnlyList<UserAnswer>>;

    private static string KeyOf(UserAnswer user) => AsciiLowerCase.Of(user.Username);

    internal sealed class FirstBatchHandler(ICurrentUser current, UsersDbContext db, DbSession session) : IRequestHandler<Batch, Result<Page>>
    {
        /// <summary>Behind a cursor the count is exact up to here.</summary>
        private const int CountedBehindCursor = 10_000;

        public Task<Result<Page>> Handle(Batch request, CancellationToken cancellationToken) =>
            session.ReadAsync<Result<Page>>(async () => await ReadAsync(request, cancellationToken), cancellationToken);

        private async Task<Page> ReadAsync(Batch request, CancellationToken ct)
        {
            var everybody = request.AfterId is null && request.Filter.IsEmpty && SeesEverybody(current.Required)
                ? await db.CountUsersAsync(ct)
                : (int?)null;
            await db.WalkIndexesAsync(ct);
            var matching = request.Filter.Apply(db.ReadableBy(current.Required));
            if (request.AfterId is { } cursor)
            {
                // Where the caller may not read the user, nothing is told of where the name would stand.
                var key = current.Required.May(UserPermissions.Read, owner: cursor, id: cursor)
                    ? await db.Users.Where(user => user.Id == cursor).Select(user => user.UsernameKey).SingleOrDefaultAsync(ct)
                    : null;
                if (key is null)
                {
                    return new Page([], 0);
                }

                matching = matching.Where(user => user.UsernameKey.CompareTo(key) > 0);
            }

            var rest = matching;
            if (request.Offset > 0)
            {
                if (await KeyAtAsync(matching, request.Offset, everybody, ct) is not { } start)
                {
                    return new Page([], 0); // An empty page counts nothing, as clients of the wire know it, even just behind the last user.
                }

                rest = rest.Where(user => user.UsernameKey.CompareTo(start) >= 0);
            }

            // One more than the page has tells whether there is another page; an answer of several batches asks for its end beforehand.
            string? lastKey = null;
            List<UserAnswer> users;
            if (request.Limit <= BatchSize)
            {
                users = await db.FirstOfAsync(rest, request.Limit + 1, ct);
                if (users.Count > request.Limit)
                {
                    users.RemoveAt(request.Limit);
                    lastKey = KeyOf(users[^1]);
                }
            }
            else
            {
                lastKey = request.Limit < int.MaxValue ? await EndAsync(rest, request.Limit, ct) : null;
                users = await db.FirstOfAsync(rest, BatchSize, ct);
            }

            var next = lastKey is null ? (Guid?)null
                : KeyOf(users[^1]) == lastKey ? users[^1].Id
                : await db.Users.Where(user => !user.Deleted && user.UsernameKey == lastKey).Select(user => user.Id).SingleAsync(ct);
            var isWhole = lastKey is null && (request.Limit <= BatchSize || users.Count < BatchSize);
            var count = users.Count == 0 ? 0
                : everybody ?? (isWhole ? request.Offset + users.Count : await CountAsync(matching, request.AfterId is not null, ct));
            return new Page(users, request.AfterId is null ? count : Math.Min(count, CountedBehindCursor + 1), lastKey, next);
        }

        /// <summary>The key at the position. It is walked to on keys alone, from the nearer end if that is known, and the index suffices.</summary>
        private static async Task<string?> KeyAtAsync(IQueryable<User> users, int position, int? total, CancellationToken ct)
        {
            if (position >= total)
            {
                return null;
            }

            var walked = total is { } count && position > count / 2
                ? users.OrderByDescending(user => user.UsernameKey).Skip(count - 1 - position)
                : users.OrderBy(user => user.UsernameKey).Skip(position);
            return await walked.Select(user => user.UsernameKey).FirstOrDefaultAsync(ct);
        }

        /// <summary>The last key of a page of so many users, if there are more.</summary>
        private static async Task<string?> EndAsync(IQueryable<User> users, int limit, CancellationToken ct) =>
            await users.OrderBy(user => user.UsernameKey).Select(user => user.UsernameKey).Skip(limit - 1).Take(2).ToListAsync(ct) is [var last, _]
                ? last
                : null;

        private async Task<int> CountAsync(IQueryable<User> matching, bool behindCursor, CancellationToken ct)
        {
            await db.AllowScansAsync(ct);
            return behindCursor ? await matching.Take(CountedBehindCursor + 1).CountAsync(ct) : await matching.CountAsync(ct);
        }
    }

    internal sealed class NextBatchHandler(ICurrentUser current, UsersDbContext db, DbSession session)
        : IRequestHandler<NextBatch, Result<IReadOnlyList<UserAnswer>>>
    {
        public Task<Result<IReadOnlyList<UserAnswer>>> Handle(NextBatch request, CancellationToken cancellationToken) =>
            session.ReadAsync<Result<IReadOnlyList<UserAnswer>>>(
                async () =>
                {
                    await db.WalkIndexesAsync(cancellationToken);
                    var rest = request.Filter.Apply(db.ReadableBy(current.Required)).Where(user => user.UsernameKey.CompareTo(request.AfterKey) > 0);
                    if (request.LastKey is { } last)
                    {
                        rest = rest.Where(user => user.UsernameKey.CompareTo(last) <= 0);
                    }

                    return await db.FirstOfAsync(rest, Math.Min(request.Limit, BatchSize), cancellationToken);
                },
                cancellationToken);
    }

    private static async Task<List<UserAnswer>> FirstOfAsync(this UsersDbContext db, IQueryable<User> matching, int limit, CancellationToken ct)
    {
        var users = await matching.OrderBy(user => user.UsernameKey).Take(limit).ToListAsync(ct);
        var ids = users.ConvertAll(user => user.Id);
        var organizations = (await db.OrganizationMembers.AsNoTracking()
                .Where(member => ids.Contains(member.UserId))
                .OrderBy(member => member.CreatedAt)
                .Select(member => new { member.UserId, member.OrganizationId })
                .ToListAsync(ct))
            .ToLookup(member => member.UserId, member => member.OrganizationId);
        return users.ConvertAll(user => UserAnswer.Of(user, [.. organizations[user.Id]]));
    }

    /// <summary>Those the caller may read: everybody, oneself, or those that the key's allow list names.</summary>
    private static IQueryable<User> ReadableBy(this UsersDbContext db, Caller caller)
    {
        var users = db.Users.AsNoTracking().Where(user => !user.Deleted);
        if (!caller.Restrictions.InScope(UserPermissions.Read))
        {
            return users.Where(user => false);
        }

        if (caller.Restrictions.AdmittedIds("user") is { } admitted)
        {
            users = users.Where(user => admitted.Contains(user.Id));
        }

        return caller.HasRight(UserPermissions.Read) ? users : users.Where(user => user.Id == caller.UserId);
    }

    private static bool SeesEverybody(Caller caller) =>
        caller.HasRight(UserPermissions.Read) && caller.Restrictions.AdmittedIds("user") is null;
}
