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
                    "The account ends at once with its sessions and tokens; the username and the address are free again. Users cannot delete "
                        + "themselves, and the last owner stays. With If-Match, only if the user has not been changed since.")
                .Answers<MessageAnswer>().Refuses(403, 404, 412);
    }

    internal sealed class Handler(ICurrentUser current, UserWriting writing, UsersDbContext db, TimeProvider clock)
        : IRequestHandler<Command, Result<MessageAnswer>>
    {
        public async Task<Result<MessageAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (request.UserId == current.Required.UserId)
            {
                return Result<MessageAnswer>.Refused(
                    UserErrors.OwnAccount, UserAudit.Refused(AuditAction.Delete, request.UserId, request.Username, clock.GetUtcNow()));
            }

            var begun = await writing.BeginAsync(request.UserId, AuditAction.Delete, concernsOwners: true, cancellationToken);
            if (begun.Error is not null)
            {
                return begun.As<MessageAnswer>();
            }

            var (write, user) = (begun.Value, begun.Value.User);
            if (write.FindError(UserPermissions.Delete) is { } error)
            {
                return write.Refused<MessageAnswer>(error);
            }

            if (user.RbacRoles.Contains(SiteRole.Owner) && user.Status == AccountStatus.Active && !await db.Users.AnyAsync(
                other => !other.Deleted && other.Status == AccountStatus.Active && other.Id != user.Id && other.RbacRoles.Contains(SiteRole.Owner),
                cancellationToken))
            {
                return write.Refused<MessageAnswer>(UserErrors.LastOwner);
            }

            if (write.IsStaleFor(request.IfMatch))
            {
                return IfMatch.Stale;
            }

            await db.OrganizationMembers.Where(member => member.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
            await write.SaveAsync(deleted => deleted.Delete(write.Now), facts => new UserDeleted(user.Id, facts, write.Now), cancellationToken);
            return new MessageAnswer("The user has been deleted.");
        }
    }
}
