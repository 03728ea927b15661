using System.ComponentModel.DataAnnotations;
using FluentValidation;
using Modular.SharedKernel.Text;
using Modular.Users.Contracts;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.SignIn;

/// <summary>Sets a forgotten password by a passcode from a mail. Every key of the user ends with it.</summary>
internal static class ResetPassword
{
    internal sealed record Input
    {
        [Required]
        public string? Email { get; init; }

        [Required]
        public string? Password { get; init => field = PasswordRules.Bounded(value); }

        [Required]
        public string? OneTimePasscode { get; init => field = PasswordRules.Bounded(value); }

        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(ResetPassword);
    }

    internal sealed record Command(string Email, string Password, string OneTimePasscode) : ICommand
    {
        /// <summary>Keeps the record's generated text from showing password and passcode in a log.</summary>
        public override string ToString() => nameof(ResetPassword);
    }

    /// <param name="UserId">Null where no user has the address.</param>
    /// <param name="PasscodeHash">What the passcode was compared with; null where there is no good one.</param>
    /// <param name="Matches">Whether it is the one.</param>
    /// <param name="Refusal">Of the new password, where the passcode is the one.</param>
    /// <param name="NewHash">To be stored.</param>
    internal sealed record Comparison(Guid? UserId, string? PasscodeHash, bool Matches, Error? Refusal, string? NewHash)
    {
        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(ResetPassword);
    }

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/otp/change-password", (Body<Input> body, UserSettings settings, IMediator mediator, CancellationToken ct) =>
                    settings.PasswordLoginDisabled
                        ? Task.FromResult(ResultHttp.Refusal(SignInErrors.PasswordLoginDisabled))
                        : body.AnswerAsync(
                            mediator,
                            input => new Command(input.Email ?? "", input.Password ?? "", input.OneTimePasscode ?? ""),
                            ct))
                .AllowsAnonymous()
                .LimitedBy(UserLimits.Login)
                .Describe(
                    nameof(ResetPassword),
                    "Sets a forgotten password by a passcode from a mail, and ends all sessions and tokens",
                    "The passcode is the one of the last mail. The answer does not tell a wrong address from a wrong passcode, and wrong tries count "
                        + "for the limit of logins.")
                .Example("""{"email":"jane@example.com","one_time_passcode":"3f1c2d84-6f0e-4d3b-9a52-0c6a5c1f7e11","password":"AnotherPassword!42"}""")
                .Answers().Refuses(400, 403);
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Email).IsRequired();
            RuleFor(c => c.Email).Obeys(EmailAddress.Problem);
            RuleFor(c => c.Password).IsRequired();
            RuleFor(c => c.OneTimePasscode).IsRequired();
        }
    }

    /// <summary>Two lookups and one hash for everybody who has no good passcode.</summary>
    internal sealed class Preparation(UsersDbContext db, PasswordCheck check, TimeProvider clock) : IPreparation<Command, Comparison>
    {
        public async Task<Result<Comparison?>> PrepareAsync(Command command, CancellationToken ct)
        {
            // By the address that was sent alone: the username is not told to a client without a passcode.
            if (PasswordRules.Problem(command.Password, command.Email) is { } weak)
            {
                return Error.InvalidField("password", weak);
            }

            var key = AsciiLowerCase.Of(command.Email);
            var found = await db.Users.AsNoTracking()
                .Where(user => !user.Deleted && user.EmailKey == key)
                .Select(user => new { user.Id, user.Username, user.HashedPassword })
                .SingleOrDefaultAsync(ct);
            var id = found?.Id ?? Guid.Empty;
            var now = clock.GetUtcNow();
            var passcodeHash = await db.Passcodes
                .Where(passcode => passcode.UserId == id && passcode.Hash != null && passcode.ExpiresAt > now)
                .Select(passcode => passcode.Hash)
                .SingleOrDefaultAsync(ct);
            var matches = await check.IsPasswordAsync(passcodeHash, Passcode.Bound(id, command.OneTimePasscode), ct);
            if (matches.Error is { } tooMany)
            {
                return tooMany;
            }

            if (!matches.Value || found is null)
            {
                return new Comparison(found?.Id, passcodeHash, Matches: false, null, null);
            }

            if (PasswordRules.Problem(command.Password, found.Username) is { } ownName)
            {
                return new Comparison(found.Id, passcodeHash, Matches: true, Error.InvalidField("password", ownName), null);
            }

            var isSame = await check.IsPasswordAsync(found.HashedPassword, command.Password, ct);
            if (isSame.Error is { } alsoTooMany)
            {
                return alsoTooMany;
            }

            if (isSame.Value)
            {
                return new Comparison(found.Id, passcodeHash, Matches: true, SignInErrors.PresentPassword, null);
            }

            var newHash = await check.HashAsync(command.Password, ct);
            return newHash.Error is { } error ? error : new Comparison(found.Id, passcodeHash, Matches: true, null, newHash.Value);
        }
    }

    internal sealed class Handler(UsersDbContext db, Prepared prepared, IIntegrationEvents events, TimeProvider clock) : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var compared = prepared.Get<Comparison>();
            var now = clock.GetUtcNow();
            var user = (await db.LockUsersAsync([compared.UserId ?? Guid.Empty], cancellationToken)).SingleOrDefault();
            var passcode = await db.Passcodes.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == compared.UserId, cancellationToken);

            // Used, replaced or taken back meanwhile counts as wrong.
            if (!Passcode.IsFor(user) || !compared.Matches || passcode?.IsGood(compared.PasscodeHash, now) != true)
            {
                return Result<Unit>.Refused(
                    SignInErrors.WrongPasscode,
                    new SignInRefused(
                        Facts(compared.UserId ?? Guid.Empty, user?.Username ?? ""),
                        IsOfAUser: Passcode.IsFor(user),
                        now));
            }

            if (compared.Refusal is { } refusal)
            {
                return Result<Unit>.Refused(refusal, new WriteRefused(Facts(user!.Id, user.Username), now));
            }

            var before = db.Unchanged(user!);
            user!.ChangePassword(compared.NewHash!, now);
            await db.SaveChangesAsync(cancellationToken);
            var facts = Facts(user.Id, user.Username) with
            {
                Diff = User.AuditShape.Diff(before, user).Concat(Passcode.Diff(passcode.ExpiresAt, null)).ToDictionary(),
            };
            await events.PublishAsync(new UserPasswordChanged(user.Id, facts, now), cancellationToken);
            return Unit.Value;
        }

        private static AuditFacts Facts(Guid userId, string username) =>
            new(AuditAction.Write, User.ResourceType, userId, username) { Actor = userId };
    }
}
