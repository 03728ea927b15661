using Modular.Users.Contracts;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.People;

/// <summary>Suspends a user, whose keys are refused from then on, or activates one, whose keys work again.</summary>
internal static class ChangeStatus
{
    internal sealed record Command(Guid UserId, string Status, IfMatch IfMatch) : ICommand<UserAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            Map(
                "suspend",
                AccountStatus.Suspended,
                "SuspendUser",
                "Suspends a user; nothing is lost, everything is refused",
                "Every session and token is refused at once and works again after activation. Nobody suspends themselves, and owners lose that "
                    + "role first. With If-Match, only if nobody has changed the user since.");
            Map(
                "activate",
                AccountStatus.Active,
                "ActivateUser",
                "Activates a suspended or dormant user",
                "The user can log in again and has what was there before. With If-Match, only if nobody has changed the user since.");

            void Map(string verb, string status, string operationId, string summary, string description) =>
                app.MapPut($"/api/v2/users/{{user}}/status/{verb}", (Target target, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                        mediator.AnswerAsync(new Command(target.Id, status, ifMatch), ct))
                    .HandlerRequires(UserPermissions.Update)
                    .Describe(operationId, summary, description)
                    .Answers<UserAnswer>().Refuses(400, 403, 404, 412);
        }
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            await db.LockOwnersAsync(cancellationToken);
            var (by, user, usersRoles) = await db.LockForWriteAsync(current.Required, request.UserId, cancellationToken);
            if (user is null)
            {
                return Error.ResourceNotFound;
            }

            var suspends = request.Status == AccountStatus.Suspended;
            if (suspends && user.Id == current.Required.UserId)
            {
                return Refused(UserErrors.OwnSuspension);
            }

            if (suspends && user.RbacRoles.Contains(SiteRole.Owner))
            {
                return Refused(UserErrors.OwnerSuspension);
            }

            if (by?.May(UserPermissions.Update, owner: user.Id, id: user.Id) != true)
            {
                return Refused(Error.NotAllowed);
            }

            if (by.UserId != user.Id && RoleAssignment.Outranks(usersRoles, by.Roles))
            {
                return Refused(UserErrors.Outranked);
            }

            if (request.IfMatch.Excludes(UserAnswer.TagOf(user)))
            {
                return IfMatch.Stale;
            }

            var now = clock.GetUtcNow();
            var before = db.Unchanged(user);
            user.SetStatus(request.Status, now);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(new UserStatusChanged(user.Id, user.Username, user.Status, UserAudit.Changed(AuditAction.Write, before, user), now), cancellationToken);
            return UserAnswer.Of(user, await db.OrganizationsOfAsync(user.Id, cancellationToken));

            Result<UserAnswer> Refused(Error error) => Result<UserAnswer>.Refused(
                error, UserAudit.Refused(AuditAction.Write, user.Id, user.Username, clock.GetUtcNow()));
        }
    }
}
