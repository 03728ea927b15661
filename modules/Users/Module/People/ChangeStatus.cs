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
                "Every session and token is refused at once and works again after activation. Users cannot suspend themselves, and owners lose that "
                    + "role first. With If-Match, only if the user has not been changed since.");
            Map(
                "activate",
                AccountStatus.Active,
                "ActivateUser",
                "Activates a suspended or dormant user",
                "The user can log in again and has what was there before. With If-Match, only if the user has not been changed since.");

            void Map(string verb, string status, string operationId, string summary, string description) =>
                app.MapPut($"/api/v2/users/{{user}}/status/{verb}", (Target target, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                        mediator.AnswerAsync(new Command(target.Id, status, ifMatch), ct))
                    .HandlerRequires(UserPermissions.Update)
                    .Describe(operationId, summary, description)
                    .Answers<UserAnswer>().Refuses(400, 403, 404, 412);
        }
    }

    internal sealed class Handler(ICurrentUser current, UserWriting writing, UsersDbContext db) : IRequestHandler<Command, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var begun = await writing.BeginAsync(request.UserId, AuditAction.Write, concernsOwners: true, cancellationToken);
            if (begun.Error is not null)
            {
                return begun.As<UserAnswer>();
            }

            var (write, user) = (begun.Value, begun.Value.User);
            var suspends = request.Status == AccountStatus.Suspended;
            var error = suspends && user.Id == current.Required.UserId ? UserErrors.OwnSuspension
                : suspends && user.RbacRoles.Contains(SiteRole.Owner) ? UserErrors.OwnerSuspension
                : write.FindError(UserPermissions.Update);
            if (error is not null)
            {
                return write.Refused<UserAnswer>(error);
            }

            if (write.IsStaleFor(request.IfMatch))
            {
                return IfMatch.Stale;
            }

            await write.SaveAsync(
                changed => changed.SetStatus(request.Status, write.Now),
                facts => new UserStatusChanged(user.Id, user.Username, user.Status, facts, write.Now),
                cancellationToken);
            return UserAnswer.Of(user, await db.OrganizationsOfAsync(user.Id, cancellationToken));
        }
    }
}
