using System.Runtime.CompilerServices;
using Carter;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Modular.Users.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.Users.Features;

/// <summary>
/// Lists and searches users by username. A list that needs more than one batch is streamed: each batch has a scope, and so a
/// connection, of its own, given back before the next.
/// </summary>
internal static class ListUsers
{
    private const int BatchSize = 500;

    internal sealed record Response(IReadOnlyList<UserAnswer> Users, int Count);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users", HandleAsync)
                .ShowsWhatIsReadable(UserPermissions.Read)
                .Describe(nameof(ListUsers), "Lists and searches users")
                .Reads("q", "Free text, and filters key:value: name, status, role, login_type, service_account, last_seen_before, last_seen_after, created_before, created_after.")
                .Reads("after_id", "The id of the last user of the page before.")
                .Reads("limit", "Users at most; absent or 0 for all.")
                .Reads("offset", "Users to pass over, behind after_id.")
                .Answers<Response>(StatusCodes.Status200OK).Refuses(400);

        private static async Task<IResult> HandleAsync(
            HttpContext http, IMediator mediator, IServiceScopeFactory scopes, UserSettings settings, CancellationToken ct)
        {
            var request = http.Request;
            var problems = new List<Validation>();
            var paging = Paging.Read(request.Query, problems);
            var filter = UserFilter.Read(Paging.ReadSearch(request, problems), problems);
            if (problems.Count > 0)
            {
                return Refuse(Error.InvalidFields(problems));
            }

            var wanted = paging.Limit == 0 ? int.MaxValue : paging.Limit;
            if (settings.MaxPageSize > 0)
            {
                wanted = Math.Min(wanted, settings.MaxPageSize);
            }

            var first = await mediator.Send(new Batch(filter, paging.AfterId, paging.Offset, Math.Min(wanted, BatchSize), Counted: true), ct);
            if (first is { Error: null, Value: { Users.Count: > 0 } found } && found.Count > (long)paging.Offset + wanted)
            {
                var last = wanted <= BatchSize ? found : (await mediator.Send(
                    new Batch(filter, paging.AfterId, paging.Offset + wanted - 1, 1, Counted: false), ct)).Value;
                if (last.Users is [.., var end])
                {
                    Paging.TellNext(http, end.Id);
                }
            }

            return first.ToHttp<Page>(page => page.Users.Count < BatchSize || wanted <= BatchSize
                ? Json(StatusCodes.Status200OK, new Response(page.Users, page.Count))
                : new JsonStream<UserAnswer>(RestAsync(scopes, filter, page, wanted, ct), "{\"users\":", $",\"count\":{page.Count}}}"));
        }

        private static async IAsyncEnumerable<UserAnswer> RestAsync(
            IServiceScopeFactory scopes, UserFilter filter, Page page, int wanted, [EnumeratorCancellation] CancellationToken ct)
        {
            var sent = 0;
            while (true)
            {
                foreach (var user in page.Users)
                {
                    yield return user;
                }

                sent += page.Users.Count;
                if (page.Users.Count < BatchSize || sent >= wanted)
                {
                    yield break;
                }

                await using var scope = scopes.CreateAsyncScope();
                var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
                var next = new Batch(filter, page.Users[^1].Id, Offset: 0, Math.Min(wanted - sent, BatchSize), Counted: false);
                page = (await mediator.Send(next, ct)).Value;
            }
        }
    }

    internal sealed record Batch(UserFilter Filter, Guid? AfterId, int Offset, int Limit, bool Counted) : IQuery<Page>;

    internal sealed record Page(IReadOnlyList<UserAnswer> Users, int Count);

    internal sealed class Handler(ICurrentUser current, UsersDbContext db) : IRequestHandler<Batch, Result<Page>>
    {
        /// <summary>Behind a cursor the count is exact up to here.</summary>
        private const int CountedBehindCursor = 10_000;

        public async Task<Result<Page>> Handle(Batch request, CancellationToken cancellationToken)
        {
            var matching = request.Filter.Apply(Readable(current.Required, db.Users.AsNoTracking().Where(user => !user.Deleted)));
            if (request.AfterId is { } cursor)
            {
                var key = await db.Users.Where(user => user.Id == cursor).Select(user => user.UsernameKey).SingleOrDefaultAsync(cancellationToken);
                if (key is null)
                {
                    return new Page([], 0);
                }

                matching = matching.Where(user => string.Compare(user.UsernameKey, key) > 0);
            }

            // What is passed over is read from the index alone, and only the page from the table.
            var page = matching.OrderBy(user => user.UsernameKey).Skip(request.Offset).Take(request.Limit);
            var rows = request.Offset == 0 ? page : db.Users.AsNoTracking().Where(user => page.Select(row => row.Id).Contains(user.Id));
            var users = await rows.OrderBy(user => user.UsernameKey).ToListAsync(cancellationToken);
            var ids = users.ConvertAll(user => user.Id);
            var organizations = (await db.OrganizationMembers.AsNoTracking()
                    .Where(member => ids.Contains(member.UserId))
                    .OrderBy(member => member.CreatedAt)
                    .Select(member => new { member.UserId, member.OrganizationId })
                    .ToListAsync(cancellationToken))
                .ToLookup(member => member.UserId, member => member.OrganizationId);

            // An empty page counts nothing, as clients of the wire know it, even when it lies just behind the last row.
            var count = users.Count == 0 || !request.Counted ? 0
                : request.AfterId is not null ? await matching.Take(CountedBehindCursor + 1).CountAsync(cancellationToken)
                : request.Filter.IsEmpty && SeesEverybody(current.Required) ? await db.CountUsersAsync(cancellationToken)
                : await matching.CountAsync(cancellationToken);
            return new Page([.. users.Select(user => UserAnswer.Of(user, [.. organizations[user.Id]]))], count);
        }

        private static bool SeesEverybody(Caller caller) =>
            caller.HasRight(UserPermissions.Read) && caller.Restrictions.AdmittedIds(UserPermissions.Read.Resource) is null;

        /// <summary>Those the caller may read: everybody, oneself, or those that the key's allow list names.</summary>
        private static IQueryable<User> Readable(Caller caller, IQueryable<User> users)
        {
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
    }
}
