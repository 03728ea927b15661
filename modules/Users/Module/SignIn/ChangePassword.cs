using System.ComponentModel.DataAnnotations;
using Modular.Users.Contracts;
using Modular.Users.People;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.SignIn;

/// <summary>Sets a password: one's own with the old one, another user's with the right to. Every key of the user ends with it.</summary>
internal static class ChangePassword
{
    /// <summary>Clients that send the password with every update look for this text to know that nothing changed.</summary>
    private const string Unchanged = "New password cannot match old password.";

    internal sealed record Input
    {
        [Required]
        public string? Password { get; init => field = PasswordRules.Bounded(value); }

        /// <summary>Empty means absent: clients send that when they set another user's.</summary>
        public string? OldPassword { get; init => field = PasswordRules.Bounded(value); }

        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(ChangePassword);
    }

    internal sealed record Command(Target User, Result<Input> Body, IfMatch IfMatch) : ICommand
    {
        /// <summary>Keeps the record's generated text from showing the passwords in a log.</summary>
        public override string ToString() => nameof(ChangePassword);
    }

    /// <param name="Hash">The stored hash at that time.</param>
    /// <param name="Refusal">Of what was compared; null where all is well.</param>
    /// <param name="NewHash">To be stored where nothing is refused.</param>
    internal sealed record Comparison(string? Hash, Error? Refusal, string NewHash)
    {
        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(ChangePassword);
    }

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/password", (
                    Target target, Body<Input> body, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    body.CarryAsync(mediator, read => new Command(target, read, ifMatch), ct))
                .HandlerRequires(WithoutPermission.NotFound, UserPermissions.UpdatePersonal)
                .LimitedBy(UserLimits.Login)
                .Describe(
                    nameof(ChangePassword),
                    "Changes a user's password and ends all of the user's sessions and tokens",
                    "Changing one's own needs the old one. With the right to, a password is set for another user. With If-Match, only if the user "
                        + "has changed the user since.")
                .Example("""{"password":"AnotherPassword!42","old_password":"SomeSecurePassword!"}""")
                .Answers().Refuses(400, 403, 404, 412);
    }

    /// <summary>The costly comparisons, for who may make them at all.</summary>
    internal sealed class Preparation(ICurrentUser current, UsersDbContext db, PasswordCheck check) : IPreparation<Command, Comparison>
    {
        public async Task<Result<Comparison?>> PrepareAsync(Command command, CancellationToken ct)
        {
            var (caller, target) = (current.Required, command.User);
            if (command.Body.Error is not null || MayNot(caller, target.Id, target.Roles) is not null)
            {
                return Result<Comparison?>.None; // The handler says so, at its step.
            }

            var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == target.Id, ct);
            if (user is null || Broken(command, caller.UserId, user) is not null || command.IfMatch.Excludes(UserAnswer.TagOf(user)))
            {
                return Result<Comparison?>.None; // A stale request compares no password: its answer would tell, without a change, whether one is right.
            }

            var (old, @new) = (Old(command), New(command));
            var tried = old.Length > 0 ? await check.TryAsync(user.Email, user.HashedPassword, old, ct) : PasswordVerdict.Match;
            if (tried.Error is not null)
            {
                return tried.Error;
            }

            // The same work whatever the old password was: a request that turns out stale must not tell by its time whether it is right.
            var isSame = await check.IsPasswordAsync(user.HashedPassword, @new, ct);
            if (isSame.Error is { } tooMany)
            {
                return tooMany;
            }

            var newHash = await check.HashAsync(@new, ct);
            if (newHash.Error is { } alsoTooMany)
            {
                return alsoTooMany;
            }

            var refusal = tried.Value == PasswordVerdict.NoMatch ? Error.InvalidField("old_password", "This is not the present password.")
                : isSame.Value ? SameAsBefore
                : null;
            return new Comparison(user.HashedPassword, refusal, newHash.Value);
        }
    }

    internal sealed class Handler(UserWriting writing, Prepared prepared) : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var begun = await writing.BeginAsync(request.User.Id, AuditAction.Write, concernsOwners: false, cancellationToken);
            if (begun.Error is not null)
            {
                return begun.As<Unit>();
            }

            var (write, user, by) = (begun.Value, begun.Value.User, begun.Value.By);
            if ((by is null ? Error.ResourceNotFound : MayNot(by, user.Id, write.UsersRoles)) is { } notAllowed)
            {
                return write.Refused<Unit>(notAllowed);
            }

            if (request.Body.Error is { } unreadable)
            {
                return unreadable;
            }

            if (Broken(request, by!.UserId, user) is { } broken)
            {
                return write.Refused<Unit>(broken);
            }

            if (write.IsStaleFor(request.IfMatch))
            {
                return IfMatch.Stale;
            }

            if (prepared.Find<Comparison>() is not { } compared || compared.Hash != user.HashedPassword)
            {
                throw new PreparationOutdatedException(); // Changed by another request meanwhile.
            }

            if (compared.Refusal is { } refusal)
            {
                return write.Refused<Unit>(refusal);
            }

            await write.SaveAsync(
                changed => changed.ChangePassword(compared.NewHash, write.Now), facts => new UserPasswordChanged(user.Id, facts, write.Now), cancellationToken);
            return Unit.Value;
        }
    }

    private static Error SameAsBefore => Error.Invalid("users.same_password", Unchanged) with
    {
        Validations = [new Validation("password", "Choose another password than the present one.")],
    };

    /// <summary>A narrowed key is refused like a missing role: a password takes the account over.</summary>
    private static Error? MayNot(Caller caller, Guid userId, IReadOnlyCollection<string> roles) =>
        !caller.Restrictions.HoldsEverything || !caller.May(UserPermissions.UpdatePersonal, owner: userId, id: userId) ? Error.ResourceNotFound
        : caller.UserId != userId && RoleAssignment.Outranks(roles, caller.Roles) ? UserErrors.Outranked
        : null;

    private static Error? Broken(Command command, Guid callerId, User user) =>
        New(command).Length == 0 ? Error.InvalidField("password", "This field is required.")
        : user.LoginType != LoginType.Password ? SignInErrors.NoPasswordLogin
        : callerId == user.Id && Old(command).Length == 0 ? Error.InvalidField("old_password", "Give your present password.")
        : PasswordRules.Problem(New(command), user.Username, user.Email) is { } problem ? Error.InvalidField("password", problem)
        : null;

    private static string New(Command command) => command.Body.Value.Password ?? "";

    private static string Old(Command command) => command.Body.Value.OldPassword ?? "";
}
