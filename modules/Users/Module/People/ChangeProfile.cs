using System.ComponentModel.DataAnnotations;
using FluentValidation;
using Modular.Users.Contracts;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.People;

internal static class ChangeProfile
{
    internal sealed record Input
    {
        [Required]
        public string? Username { get; init; }

        /// <summary>Absent means empty: the profile is replaced as a whole.</summary>
        public string? Name { get; init; }
    }

    internal sealed record Command(Guid UserId, string OldUsername, string Username, string Name, IfMatch IfMatch) : ICommand<UserAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/profile", (
                    Target target, Body<Input> body, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(
                        mediator,
                        input => new Command(target.Id, target.Username, input.Username ?? "", input.Name ?? "", ifMatch),
                        ct))
                .HandlerRequires(UserPermissions.UpdatePersonal)
                .Describe(
                    nameof(ChangeProfile),
                    "Changes a user's name and, with the right to, the username",
                    "Both members are written: a name that is left out becomes empty. With If-Match, only if nobody has changed the user since.")
                .Example("""{"username":"jane-doe","name":"Jane Doe"}""")
                .Answers<UserAnswer>().Refuses(400, 403, 404, 409, 412);
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Username).IsRequired();
            RuleFor(c => c.Username).Obeys(Domain.Username.Problem);
            RuleFor(c => c.Name).Obeys(RealName.Problem);
        }
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var (by, user, usersRoles) = await db.LockForWriteAsync(current.Required, request.UserId, cancellationToken);
            if (user is null)
            {
                return Error.ResourceNotFound;
            }

            // Another person's profile is a way to take the account over: a narrowed key is refused like a missing role.
            var trusted = by is not null && (by.UserId == user.Id || by.Restrictions.HoldsEverything);
            if (request.Username != user.Username && !(trusted && by!.May(UserPermissions.Update, owner: user.Id, id: user.Id)))
            {
                return Refused(Error.ResourceNotFound);
            }

            if (request.IfMatch.Excludes(UserAnswer.TagOf(user)))
            {
                return IfMatch.Stale;
            }

            var key = SharedKernel.Text.AsciiLowerCase.Of(request.Username);
            if (await db.Users.AnyAsync(other => !other.Deleted && other.UsernameKey == key && other.Id != user.Id, cancellationToken))
            {
                return Refused(UserErrors.UsernameOfAnother);
            }

            if (!trusted || !by!.May(UserPermissions.UpdatePersonal, owner: user.Id, id: user.Id))
            {
                return Refused(Error.NotAllowed);
            }

            if (by.UserId != user.Id && RoleAssignment.Outranks(usersRoles, by.Roles))
            {
                return Refused(UserErrors.Outranked);
            }

            var now = clock.GetUtcNow();
            var before = db.Unchanged(user);
            user.Rename(request.Username, request.Name, now);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException taken) when (DatabaseRefusal.Of(taken)?.ConstraintName == UsersDbContext.UsernameIndex)
            {
                return Refused(UserErrors.UsernameOfAnother); // Somebody was faster.
            }

            await events.PublishAsync(new UserProfileChanged(user.Id, user.Username, UserAudit.Changed(AuditAction.Write, before, user), now), cancellationToken);
            return UserAnswer.Of(user, await db.OrganizationsOfAsync(user.Id, cancellationToken));

            Result<UserAnswer> Refused(Error error) => Result<UserAnswer>.Refused(
                error, UserAudit.Refused(AuditAction.Write, request.UserId, request.OldUsername, clock.GetUtcNow()));
        }
    }
}
