using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.Organizations;

/// <summary>Takes a user out of an organization, and every role there. A member with a role that the caller may not take stays.</summary>
internal static class RemoveMember
{
    internal sealed record Command(string Organization, Target User) : ICommand;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapDelete("/api/v2/organizations/{organization}/members/{user}", (
                    string organization, Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(organization, target), ct))
                .HandlerRequires(UserPermissions.RemoveFromOrganization)
                .Describe(
                    nameof(RemoveMember),
                    "Removes a user from an organization",
                    "Users cannot remove themselves.")
                .Answers().Refuses(400, 403, 404);
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
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

            if (user.Id == current.Required.UserId)
            {
                return OrganizationErrors.OwnMembership;
            }

            var now = clock.GetUtcNow();
            var error = by?.May(UserPermissions.RemoveFromOrganization, organization: organization.Id) != true ? Error.NotAllowed
                : RoleAssignment.OutranksInOrganization(member.FullRoles, by.Roles) ? UserErrors.Outranked
                : null;
            if (error is not null)
            {
                return Result<Unit>.Refused(error, OrganizationAudit.Refused(AuditAction.Delete, organization.Id, user.Id, user.Username, now));
            }

            db.OrganizationMembers.Remove(member);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new UserMembershipsChanged(
                    user.Id,
                    [.. OrganizationRole.OfOrganizations(usersRoles).Except(member.FullRoles)],
                    OrganizationAudit.Changed(AuditAction.Delete, member.Of(user), null),
                    now),
                cancellationToken);
            return Unit.Value;
        }
    }
}
