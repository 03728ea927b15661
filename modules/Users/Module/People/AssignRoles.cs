using Modular.Users.Contracts;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.People;

/// <summary>Sets a user's site roles as a whole. Giving and taking a role need the same right; nobody changes the own ones.</summary>
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
                    "The list replaces the old one. Nobody changes their own roles, assigns more than they have, or takes the last owner's. With "
                        + "If-Match, only if nobody has changed the user since.")
                .Example("""{"roles":["member"]}""")
                .Answers<UserAnswer>().Refuses(400, 403, 404, 412);
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            await db.LockOwnersAsync(cancellationToken);
            var (by, user, _) = await db.LockForWriteAsync(current.Required, request.User.Id, cancellationToken);
            if (user is null)
            {
                return Error.ResourceNotFound;
            }

            if (user.Id == current.Required.UserId)
            {
                return Refused(UserErrors.OwnRoles);
            }

            if (request.Body.Error is { } unreadable)
            {
                return unreadable;
            }

            // Roles are a way to take an account over: a narrowed key is refused like a missing role.
            if (by?.Restrictions.HoldsEverything != true || !by.May(UserPermissions.AssignRole))
            {
                return Refused(Error.NotAllowed);
            }

            List<string> roles = [.. (request.Body.Value.Roles ?? []).Select(role => role ?? "").Distinct()];
            if (RoleChange.Problem(roles, user.RbacRoles, by.Roles) is { } problem)
            {
                return Refused(Error.Invalid("users.roles", problem));
            }

            if (request.IfMatch.Excludes(UserAnswer.TagOf(user)))
            {
                return IfMatch.Stale;
            }

            var now = clock.GetUtcNow();
            var before = db.Unchanged(user);
            user.SetRoles(roles, now);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(new UserRolesChanged(user.Id, roles, UserAudit.Changed(AuditAction.Write, before, user), now), cancellationToken);
            return UserAnswer.Of(user, await db.OrganizationsOfAsync(user.Id, cancellationToken));

            Result<UserAnswer> Refused(Error error) => Result<UserAnswer>.Refused(
                error, UserAudit.Refused(AuditAction.Write, user.Id, user.Username, clock.GetUtcNow()));
        }
    }
}
