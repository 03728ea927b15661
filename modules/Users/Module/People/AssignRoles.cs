using Modular.Users.Contracts;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.People;

/// <summary>Sets a user's site roles as a whole. Giving and taking a role need the same right; one's own are not changed.</summary>
internal static class AssignRoles
{
    internal sealed record Input
    {
        /// <summary>Absent means none.</summary>
        public List<string?>? Roles { get; init; }
    }

    internal sealed record Command(Target User, Result<Input> Body, IfMatch IfMatch) : ICommand<UserAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/roles", (
                    Target target, Body<Input> body, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    body.CarryAsync(mediator, read => new Command(target, read, ifMatch), ct))
                .HandlerRequires(UserPermissions.AssignRole)
                .Describe(
                    nameof(AssignRoles),
                    "Sets a user's site roles",
                    "The list replaces the old one. Users do not change their own roles, assign more than they have, or take the last owner's. With "
                        + "If-Match, only if the user has not been changed since.")
                .Example("""{"roles":["member"]}""")
                .Answers<UserAnswer>().Refuses(400, 403, 404, 412);
    }

    internal sealed class Handler(ICurrentUser current, UserWriting writing, UsersDbContext db) : IRequestHandler<Command, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var begun = await writing.BeginAsync(request.User.Id, AuditAction.Write, concernsOwners: true, cancellationToken);
            if (begun.Error is not null)
            {
                return begun.As<UserAnswer>();
            }

            var (write, user, by) = (begun.Value, begun.Value.User, begun.Value.By);
            if (user.Id == current.Required.UserId)
            {
                return write.Refused<UserAnswer>(UserErrors.OwnRoles);
            }

            if (request.Body.Error is { } unreadable)
            {
                return unreadable;
            }

            // Roles are a way to take an account over: a narrowed key is refused like a missing role.
            if (by?.Restrictions.HoldsEverything != true || !by.May(UserPermissions.AssignRole))
            {
                return write.Refused<UserAnswer>(Error.NotAllowed);
            }

            List<string> roles = [.. (request.Body.Value.Roles ?? []).Select(role => role ?? "").Distinct()];
            if (RoleChange.Problem(roles, user.RbacRoles, by.Roles) is { } problem)
            {
                return write.Refused<UserAnswer>(Error.Invalid("users.roles", problem));
            }

            if (write.IsStaleFor(request.IfMatch))
            {
                return IfMatch.Stale;
            }

            await write.SaveAsync(
                changed => changed.SetRoles(roles, write.Now), facts => new UserRolesChanged(user.Id, roles, facts, write.Now), cancellationToken);
            return UserAnswer.Of(user, await db.OrganizationsOfAsync(user.Id, cancellationToken));
        }
    }
}
