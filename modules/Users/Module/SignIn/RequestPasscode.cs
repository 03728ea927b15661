using System.ComponentModel.DataAnnotations;
using FluentValidation;
using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Text;
using Modular.Users.Mails;
using Modular.Users.Mails.Domain;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.SignIn;

/// <summary>
/// Mails a passcode for a new password to the user with the address. What is answered, and how long that takes, is the same whether or not
/// anybody has it.
/// </summary>
internal static partial class RequestPasscode
{
    internal sealed record Input
    {
        [Required]
        public string? Email { get; init; }
    }

    internal sealed record Command(string Email) : ICommand
    {
        /// <summary>Keeps the record's generated text from showing the address and the passcode in a log.</summary>
        public override string ToString() => nameof(RequestPasscode);
    }

    /// <param name="UserId">The user; where no user has the address, an id that no user has.</param>
    /// <param name="Passcode">For the mail, encrypted while it waits.</param>
    /// <param name="Hash">For the database.</param>
    internal sealed record Drawn(Guid UserId, string Passcode, string Hash)
    {
        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(RequestPasscode);
    }

    internal sealed partial class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost(
                    "/api/v2/users/otp/request",
                    (Body<Input> body, UserSettings settings, IMediator mediator, ILogger<Route> logger, CancellationToken ct) =>
                        settings.PasswordLoginDisabled
                            ? Task.FromResult(ResultHttp.Refusal(SignInErrors.PasswordLoginDisabled))
                            : AnswerAsync(body, mediator, logger, ct))
                .AllowsAnonymous()
                .LimitedBy(UserLimits.Login)
                .Describe(
                    nameof(RequestPasscode),
                    "Mails a passcode for a new password, if a user has the address",
                    "The answer is the same whether or not a user has the address, and takes as long. A passcode works once, for a short time. "
                        + "Refused on servers that have no mail server.")
                .Example("""{"email":"jane@example.com"}""")
                .Answers().Refuses(400, 403);

        private static async Task<IResult> AnswerAsync(Body<Input> body, IMediator mediator, ILogger logger, CancellationToken ct)
        {
            var read = await body.ReadAsync(ct);
            if (read.Error is { } unreadable)
            {
                return ResultHttp.Refusal(unreadable);
            }

            try
            {
                var outcome = await mediator.Send(new Command(read.Value.Email ?? ""), ct);
                if (outcome.Error is { Kind: ErrorKind.Invalid or ErrorKind.TooManyRequests } refused)
                {
                    return ResultHttp.Refusal(refused);
                }
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                // Only the address of a user might fail: a failure must not tell.
                NotMade(logger, failure);
            }

            return ResultHttp.Empty;
        }

        [LoggerMessage(LogLevel.Error, "A passcode could not be made; the client was answered as always.")]
        private static partial void NotMade(ILogger logger, Exception failure);
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Email).IsRequired();
            RuleFor(c => c.Email).Obeys(EmailAddress.Problem);
        }
    }

    internal sealed class Preparation(UsersDbContext db, PasswordCheck check, MailSecrets secrets, TimeProvider clock) : IPreparation<Command, Drawn>
    {
        public async Task<Result<Drawn?>> PrepareAsync(Command command, CancellationToken ct)
        {
            var key = AsciiLowerCase.Of(command.Email);
            var known = await db.Users.Where(user => !user.Deleted && user.EmailKey == key).Select(user => (Guid?)user.Id).SingleOrDefaultAsync(ct);
            var id = known ?? Guid.CreateVersion7(clock.GetUtcNow());
            var passcode = Passcode.Draw();
            var hash = await check.HashAsync(Passcode.Bound(id, passcode), ct);
            return hash.Error is { } tooMany ? tooMany : new Drawn(id, secrets.Seal(passcode), hash.Value);
        }
    }

    internal sealed class Handler(
        UsersDbContext db, EmailSettings email, MissingSmarthost missing, Outbox outbox, Prepared prepared, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Unit>>
    {
        public async Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken)
        {
            var drawn = prepared.Get<Drawn>();
            var now = clock.GetUtcNow();
            var user = (await db.LockUsersAsync([drawn.UserId], cancellationToken)).SingleOrDefault();
            var usable = Passcode.IsFor(user);
            var passcode = await db.Passcodes.SingleOrDefaultAsync(p => p.UserId == drawn.UserId, cancellationToken);
            var mailed = usable && email.Smarthost is not null && passcode?.MayBeMade(now) != false;
            var before = passcode?.ExpiresAt;

            await db.WriteAsync(mailed, () => StoreAsync(passcode, drawn, user?.Email ?? request.Email, user?.Username ?? "", now, cancellationToken), cancellationToken);
            await db.WriteAsync(
                usable,
                () => events.PublishAsync(
                    new PasscodeRequested(
                        new AuditFacts(AuditAction.RequestPasswordReset, User.ResourceType, drawn.UserId, user?.Username ?? "")
                        {
                            Actor = drawn.UserId,
                            Diff = mailed ? Passcode.Diff(before, now + Passcode.Lifetime) : AuditChange.None,
                        },
                        now),
                    cancellationToken),
                cancellationToken);

            if (usable)
            {
                missing.Warn();
                outbox.Log("passcode-requested", drawn.UserId);
                outbox.WakeSender();
            }

            return Unit.Value;
        }

        private async Task StoreAsync(Passcode? passcode, Drawn drawn, string address, string username, DateTimeOffset now, CancellationToken ct)
        {
            passcode ??= db.Passcodes.Add(new Passcode(drawn.UserId)).Entity;
            passcode.Replace(drawn.Hash, now);
            await db.TakeBackPasscodeMailsAsync(drawn.UserId, ct);
            db.Mails.Add(Mail.To(
                drawn.UserId,
                address,
                MailKind.Passcode,
                new() { ["username"] = username, [Mail.SealedPasscode] = drawn.Passcode },
                now,
                worthSendingFor: Passcode.Lifetime));
            await db.SaveChangesAsync(ct);
        }
    }

    /// <summary>A new password was asked for, for an account that can have one.</summary>
    internal sealed record PasscodeRequested(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
