using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.Organizations;

internal static class AddMember
{
    internal sealed record Command(string Organization, Target User) : ICommand<MemberAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/organizations/{organization}/members/{user}", (
                    string organization, Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(organization, target), ct))
                .HandlerRequires(UserPermissions.AddToOrganization)
                .Describe(
                    nameof(AddMember),
                    "Adds a user to an organization",
                    "With the role organization-member. Answers the membership.")
                .Answers<MemberAnswer>().Refuses(403, 404, 409);
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<MemberAnswer>>
    {
        public async Task<Result<MemberAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (await db.LockOrganizationAsync(current.Required, request.Organization, cancellationToken) is not { } organization)
            {
                return Error.ResourceNotFound;
            }

            var (by, user, usersRoles) = await db.LockForWriteAsync(current.Required, request.User.Id, cancellationToken);
            if (user is null)
            {
                return Error.ResourceNotFound;
            }

            var now = clock.GetUtcNow();
            if (by?.May(UserPermissions.AddToOrganization, organization: organization.Id) != true)
            {
                return Result<MemberAnswer>.Refused(
                    Error.NotAllowed, OrganizationAudit.Refused(AuditAction.Create, organization.Id, user.Id, user.Username, now));
            }

            if (await db.OrganizationMembers.AnyAsync(m => m.OrganizationId == organization.Id && m.UserId == user.Id, cancellationToken))
            {
                return OrganizationErrors.MemberAlready;
            }

            var member = new OrganizationMember(organization.Id, user.Id, now) { Username = user.Username };
            db.OrganizationMembers.Add(member);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new UserMembershipsChanged(
                    user.Id,
                    [.. OrganizationRole.OfOrganizations(usersRoles), .. member.FullRoles],
                    OrganizationAudit.Changed(AuditAction.Create, null, member),
                    now),
                cancellationToken);
            return MemberAnswer.Of(member);
        }
    }
}
