using Modular.Users.Contracts;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.People;

internal static class DeleteUser
{
    internal sealed record Command(Guid UserId, string Username, IfMatch IfMatch) : ICommand<MessageAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapDelete("/api/v2/users/{user}", (Target target, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(target.Id, target.Username, ifMatch), ct))
                .HandlerRequires(UserPermissions.Delete)
                .Describe(
                    nameof(DeleteUser),
                    "Deletes a user for good; whatever is kept for the user goes with it",
                    "The account ends at once with its sessions and tokens; the username and the address are free again. Nobody deletes "
                        + "themselves, nor the last owner. With If-Match, only if nobody has changed the user since.")
                .Answers<MessageAnswer>().Refuses(403, 404, 412);
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<MessageAnswer>>
    {
        public async Task<Result<MessageAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            if (request.UserId == caller.UserId)
            {
                return Refused(request, UserErrors.OwnAccount);
            }

            await db.LockOwnersAsync(cancellationToken);
            var (by, user, usersRoles) = await db.LockForWriteAsync(caller, request.UserId, cancellationToken);
            if (user is null)
            {
                return Error.ResourceNotFound;
            }

            if (by?.May(UserPermissions.Delete, owner: user.Id, id: user.Id) != true)
            {
                return Refused(request, Error.NotAllowed);
            }

            if (RoleAssignment.Outranks(usersRoles, by.Roles))
            {
                return Refused(request, UserErrors.Outranked);
            }

            if (user.RbacRoles.Contains(SiteRole.Owner) && user.Status == AccountStatus.Active && !await db.Users.AnyAsync(
                other => !other.Deleted && other.Status == AccountStatus.Active && other.Id != user.Id && other.RbacRoles.Contains(SiteRole.Owner),
                cancellationToken))
            {
                return Refused(request, UserErrors.LastOwner);
            }

            if (request.IfMatch.Excludes(UserAnswer.TagOf(user)))
            {
                return IfMatch.Stale;
            }

            var now = clock.GetUtcNow();
            var before = db.Unchanged(user);
            user.Delete(now);
            await db.SaveChangesAsync(cancellationToken);
            await db.OrganizationMembers.Where(member => member.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
            await events.PublishAsync(
                new UserDeleted(
                    user.Id,
                    UserAudit.Changed(AuditAction.Delete, before, user),
                    now),
                cancellationToken);
            return new MessageAnswer("The user has been deleted.");
        }

        private Result<MessageAnswer> Refused(Command request, Error error) => Result<MessageAnswer>.Refused(
            error, UserAudit.Refused(AuditAction.Delete, request.UserId, request.Username, clock.GetUtcNow()));
    }
}
