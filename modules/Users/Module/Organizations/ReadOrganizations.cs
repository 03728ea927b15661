using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.Organizations;

/// <summary>Organizations that the caller may read: all, one of them, or a user's.</summary>
internal static class ReadOrganizations
{
    /// <param name="MemberId">Only those of which this user is a member.</param>
    internal sealed record ListQuery(Guid? MemberId) : IQuery<IReadOnlyList<OrganizationAnswer>>;

    /// <param name="Text">A name; an id or the word <c>default</c> too, unless by name only.</param>
    /// <param name="ByNameOnly">As the routes below a user want it.</param>
    internal sealed record OneQuery(string Text, bool ByNameOnly) : IQuery<OrganizationAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            app.MapGet("/api/v2/organizations", (IMediator mediator, CancellationToken ct) => mediator.AnswerAsync(new ListQuery(null), ct))
                .HandlerRequires(WithoutPermission.Less, UserPermissions.ReadOrganization)
                .Describe(
                    "ListOrganizations",
                    "Lists the organizations that the caller may read",
                    "Ordered by name.")
                .Answers<IReadOnlyList<OrganizationAnswer>>();

            app.MapGet("/api/v2/organizations/{organization}", (string organization, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new OneQuery(organization, ByNameOnly: false), ct))
                .HandlerRequires(WithoutPermission.NotFound, UserPermissions.ReadOrganization)
                .Describe(
                    "ReadOrganization",
                    "Reads an organization by id, by name or as 'default'",
                    "One that the caller may not read is answered as if it were not there.")
                .Answers<OrganizationAnswer>().Refuses(404);

            app.MapGet("/api/v2/users/{user}/organizations", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new ListQuery(target.Id), ct))
                .HandlerRequires(WithoutPermission.Less, UserPermissions.ReadOrganization)
                .Describe(
                    "ListOrganizationsOfUser",
                    "Lists the organizations of which a user is a member",
                    "As far as the caller may read them.")
                .Answers<IReadOnlyList<OrganizationAnswer>>().Refuses(404);

            app.MapGet("/api/v2/users/{user}/organizations/{organizationname}", (
                    Target target, string organizationname, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new OneQuery(organizationname, ByNameOnly: true), ct))
                .HandlerRequires(WithoutPermission.NotFound, UserPermissions.ReadOrganization)
                .Describe(
                    "ReadOrganizationByName",
                    "Reads an organization by name",
                    "As a member may read it; other organizations look absent.")
                .Answers<OrganizationAnswer>().Refuses(404);
        }
    }

    internal sealed class ListHandler(ICurrentUser caller, UsersDbContext db) : IRequestHandler<ListQuery, Result<IReadOnlyList<OrganizationAnswer>>>
    {
        public async Task<Result<IReadOnlyList<OrganizationAnswer>>> Handle(ListQuery request, CancellationToken cancellationToken)
        {
            var readable = db.Organizations.AsNoTracking().ReadableBy(caller.Required);
            if (request.MemberId is { } user)
            {
                readable = readable.Where(organization =>
                    db.OrganizationMembers.Any(member => member.OrganizationId == organization.Id && member.UserId == user));
            }

            return (await readable.OrderBy(organization => organization.Name).ToListAsync(cancellationToken)).ConvertAll(OrganizationAnswer.Of);
        }
    }

    internal sealed class OneHandler(ICurrentUser caller, UsersDbContext db) : IRequestHandler<OneQuery, Result<OrganizationAnswer>>
    {
        public async Task<Result<OrganizationAnswer>> Handle(OneQuery request, CancellationToken cancellationToken)
        {
            var readable = db.Organizations.AsNoTracking().ReadableBy(caller.Required);
            var asked = request.ByNameOnly ? readable.Where(o => o.Name == request.Text) : readable.Called(request.Text);
            return await asked.SingleOrDefaultAsync(cancellationToken) is { } organization
                ? OrganizationAnswer.Of(organization)
                : Error.ResourceNotFound;
        }
    }
}
