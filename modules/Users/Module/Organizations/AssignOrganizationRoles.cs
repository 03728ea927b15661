using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.Organizations;

/// <summary>Sets a member's roles in one organization as a whole. Giving and taking a role need the same right.</summary>
internal static class AssignOrganizationRoles
{
    internal sealed record Input
    {
        /// <summary>Absent means none.</summary>
        public List<string?>? Roles { get; init; }
    }

    internal sealed record Command(string Organization, Target User, Result<Input> Body) : ICommand<MemberAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/organizations/{organization}/members/{user}/roles", (
                    string organization, Target target, Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.CarryAsync(mediator, read => new Command(organization, target, read), ct))
                .HandlerRequires(UserPermissions.AssignOrganizationRole)
                .Describe(
                    nameof(AssignOrganizationRoles),
                    "Sets a member's roles in an organization",
                    "The list replaces the old one. Users do not change their own roles or assign more than they may.")
                .Example("""{"roles":["organization-member"]}""")
                .Answers<MemberAnswer>().Refuses(400, 403, 404);
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
            var member = await db.OrganizationMembers.SingleOrDefaultAsync(
                m => m.OrganizationId == organization.Id && m.UserId == request.User.Id, cancellationToken);
            if (user is null || member is null)
            {
                return Error.ResourceNotFound;
            }

            var now = clock.GetUtcNow();
            if (user.Id == current.Required.UserId)
            {
                return Refused(UserErrors.OwnRoles);
            }

            if (request.Body.Error is { } unreadable)
            {
                return unreadable;
            }

            // Like site roles: a narrowed key is refused like a missing role.
            if (by?.Restrictions.HoldsEverything != true || !by.May(UserPermissions.AssignOrganizationRole, organization: organization.Id))
            {
                return Refused(Error.NotAllowed);
            }

            List<string> roles = [.. (request.Body.Value.Roles ?? []).Select(role => role ?? "").Distinct()];
            if (RoleChange.Problem(roles, member.Roles, by.Roles, organization.Id) is { } problem)
            {
                return Refused(Error.Invalid("users.organization_roles", problem));
            }

            var before = member.Of(user);
            member.SetRoles(roles, now);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new UserMembershipsChanged(
                    user.Id,
                    [.. OrganizationRole.OfOrganizations(usersRoles).Except(before.FullRoles), .. member.FullRoles],
                    OrganizationAudit.Changed(AuditAction.Write, before, member.Of(user)),
                    now),
                cancellationToken);
            return MemberAnswer.Of(member);

            Result<MemberAnswer> Refused(Error error) => Result<MemberAnswer>.Refused(
                error, OrganizationAudit.Refused(AuditAction.Write, organization.Id, user.Id, user.Username, now));
        }
    }
}
