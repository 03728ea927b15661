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
using Modular.Users.Persistence;
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.Users.Features;

/// <summary>The members of an organization by username: all of them, streamed batch by batch, or a page that can be searched.</summary>
internal static class ListMembers
{
    private const int BatchSize = 500;

    internal sealed record Response(IReadOnlyList<MemberWithUserAnswer> Members, int Count);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapGet("/api/v2/organizations/{organization}/members", async (
                    string organization, IMediator mediator, IServiceScopeFactory scopes, CancellationToken ct) =>
                {
                    var first = await mediator.Send(new Query(organization, new UserFilter(), new Paging(BatchSize, 0, null), Counted: false), ct);
                    return first.ToHttp<Response>(page => page.Members.Count < BatchSize
                        ? Json(StatusCodes.Status200OK, page.Members)
                        : new JsonStream<MemberWithUserAnswer>(RestAsync(scopes, organization, page, ct)));
                })
                .Requires(UserPermissions.ReadMembers)
                .Describe("ListMembers", "Lists all members of an organization")
                .Answers<IReadOnlyList<MemberWithUserAnswer>>(StatusCodes.Status200OK).Refuses(403, 404);

            app.MapGet("/api/v2/organizations/{organization}/paginated-members", async (
                    string organization, HttpContext http, UserSettings settings, IMediator mediator, CancellationToken ct) =>
                {
                    var (request, problems) = (http.Request, new List<Validation>());
                    var paging = Paging.Read(request.Query, problems);
                    var filter = UserFilter.Read(Paging.ReadSearch(request, problems), problems);
                    if (problems.Count > 0)
                    {
                        return Refuse(Error.InvalidFields(problems));
                    }

                    var most = settings.MaxPageSize > 0 ? Math.Min(settings.MaxPageSize, MaxPage) : MaxPage;
                    paging = paging with { Limit = paging.Limit == 0 ? most : Math.Min(paging.Limit, most) };
                    var page = await mediator.Send(new Query(organization, filter, paging, Counted: true), ct);
                    return page.ToHttp(found =>
                    {
                        if (found.Members is [.., var last] && found.Count > (long)paging.Offset + found.Members.Count)
                        {
                            Paging.TellNext(http, last.UserId);
                        }

                        return Json(StatusCodes.Status200OK, found);
                    });
                })
                .Requires(UserPermissions.ReadMembers)
                .Describe("ListMembersByPage", "Lists and searches the members of an organization, page by page")
                .Reads("q", "As for the list of users.")
                .Reads("after_id", "The user id of the last member of the page before.")
                .Reads("limit", $"Members at most; absent or 0 for {MaxPage}, which is also the most.")
                .Reads("offset", "Members to pass over, behind after_id.")
                .Answers<Response>(StatusCodes.Status200OK).Refuses(400, 403, 404);
        }

        /// <summary>The route is for pages: who wants all takes the other one.</summary>
        private const int MaxPage = 1_000;

        private static async IAsyncEnumerable<MemberWithUserAnswer> RestAsync(
            IServiceScopeFactory scopes, string organization, Response page, [EnumeratorCancellation] CancellationToken ct)
        {
            while (true)
            {
                foreach (var member in page.Members)
                {
                    yield return member;
                }

                if (page.Members.Count < BatchSize)
                {
                    yield break;
                }

                await using var scope = scopes.CreateAsyncScope();
                var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
                var next = new Query(organization, new UserFilter(), new Paging(BatchSize, 0, page.Members[^1].UserId), Counted: false);
                page = (await mediator.Send(next, ct)).Value;
            }
        }
    }

    internal sealed record Query(string Organization, UserFilter Filter, Paging Paging, bool Counted) : IQuery<Response>;

    internal sealed class Handler(ICurrentUser current, UsersDbContext db) : IRequestHandler<Query, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Query request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            var id = await db.Organizations.ReadableBy(caller).Called(request.Organization).Select(o => (Guid?)o.Id).SingleOrDefaultAsync(cancellationToken);
            if (id is null)
            {
                return Error.ResourceNotFound;
            }

            if (!caller.May(UserPermissions.ReadMembers, organization: id))
            {
                return Error.NotAllowed;
            }

            var users = request.Filter.Apply(db.Users.AsNoTracking().Where(user => !user.Deleted));
            if (request.Paging.AfterId is { } cursor)
            {
                var key = await db.Users.Where(user => user.Id == cursor).Select(user => user.UsernameKey).SingleOrDefaultAsync(cancellationToken);
                if (key is null)
                {
                    return new Response([], 0);
                }

                users = users.Where(user => string.Compare(user.UsernameKey, key) > 0);
            }

            var matching = db.OrganizationMembers.AsNoTracking()
                .Where(member => member.OrganizationId == id)
                .Join(users, member => member.UserId, user => user.Id, (member, user) => new { Member = member, User = user });
            var page = await matching
                .OrderBy(row => row.User.UsernameKey)
                .Skip(request.Paging.Offset)
                .Take(request.Paging.Limit)
                .ToListAsync(cancellationToken);

            // As in the list of users: an empty page counts nothing.
            var count = request.Counted && page.Count > 0 ? await matching.CountAsync(cancellationToken) : 0;
            return new Response(page.ConvertAll(row => MemberWithUserAnswer.Of(row.Member, row.User)), count);
        }
    }
}
