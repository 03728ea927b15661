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

    internal sealed record Command(Guid UserId, string Username, string Name, IfMatch IfMatch) : ICommand<UserAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/profile", (
                    Target target, Body<Input> body, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(
                        mediator,
                        input => new Command(target.Id, input.Username ?? "", input.Name ?? "", ifMatch),
                        ct))
                .HandlerRequires(UserPermissions.UpdatePersonal)
                .Describe(
                    nameof(ChangeProfile),
                    "Changes a user's name and, with the right to, the username",
                    "Both members are written: a name that is left out becomes empty. With If-Match, only if the user has not been changed since.")
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

    internal sealed class Handler(UserWriting writing, UsersDbContext db) : IRequestHandler<Command, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var begun = await writing.BeginAsync(request.UserId, AuditAction.Write, concernsOwners: false, cancellationToken);
            if (begun.Error is not null)
            {
                return begun.As<UserAnswer>();
            }

            // Another person's profile is a way to take the account over: a narrowed key is refused like a missing role.
            var (write, user, by) = (begun.Value, begun.Value.User, begun.Value.By);
            var trusted = by is not null && (by.UserId == user.Id || by.Restrictions.HoldsEverything);
            if (request.Username != user.Username && !(trusted && by!.May(UserPermissions.Update, owner: user.Id, id: user.Id)))
            {
                return write.Refused<UserAnswer>(Error.ResourceNotFound);
            }

            if (write.IsStaleFor(request.IfMatch))
            {
                return IfMatch.Stale;
            }

            var key = SharedKernel.Text.AsciiLowerCase.Of(request.Username);
            if (await db.Users.AnyAsync(other => !other.Deleted && other.UsernameKey == key && other.Id != user.Id, cancellationToken))
            {
                return write.Refused<UserAnswer>(UserErrors.UsernameOfAnother);
            }

            if ((trusted ? write.FindError(UserPermissions.UpdatePersonal) : Error.NotAllowed) is { } error)
            {
                return write.Refused<UserAnswer>(error);
            }

            try
            {
                await write.SaveAsync(
                    changed => changed.Rename(request.Username, request.Name, write.Now),
                    facts => new UserProfileChanged(user.Id, user.Username, facts, write.Now),
                    cancellationToken);
            }
            catch (DbUpdateException taken) when (DatabaseRefusal.Of(taken)?.ConstraintName == UsersDbContext.UsernameIndex)
            {
                return write.Refused<UserAnswer>(UserErrors.UsernameOfAnother); // By a request that was faster.
            }

            return UserAnswer.Of(user, await db.OrganizationsOfAsync(user.Id, cancellationToken));
        }
    }
}
