using System.ComponentModel.DataAnnotations;
using FluentValidation;
using Modular.SharedKernel.Text;
using Modular.Users.Contracts;
using Modular.Users.Dormancy;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.SignIn;

internal static class LogIn
{
    /// <summary>Of ApiKeys, which keeps the sessions.</summary>
    private const string SessionResource = "api_key";

    internal sealed record Input
    {
        [Required]
        public string? Email { get; init; }

        [Required]
        public string? Password { get; init => field = PasswordRules.Bounded(value); }

        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(LogIn);
    }

    internal sealed record Command(string Email, string Password) : ICommand<Response>
    {
        /// <summary>Keeps the record's generated text from showing the password in a log.</summary>
        public override string ToString() => nameof(LogIn);
    }

    /// <param name="UserId">Null where no user has the address.</param>
    /// <param name="Hash">The stored hash at that time.</param>
    /// <param name="Verdict">Of the comparison.</param>
    /// <param name="NewHash">The password under today's parameters, where the stored hash has older ones.</param>
    internal sealed record Comparison(Guid? UserId, string? Hash, PasswordVerdict Verdict, string? NewHash)
    {
        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(LogIn);
    }

    [AnswerExample("""{"session_token":"EDbEdsoQ7U-B3L5VGN28yhUKE4cyqo8sn"}""")]
    internal sealed record Response(string SessionToken)
    {
        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(LogIn);
    }

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/login", (Body<Input> body, HttpResponse response, SessionCookie cookie, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(
                        mediator,
                        input => new Command(input.Email ?? "", input.Password ?? ""),
                        session =>
                        {
                            cookie.Set(response, session.SessionToken);
                            return Json(session);
                        },
                        ct))
                .AllowsAnonymous()
                .WithMetadata(new ForeignPages(OwnPagesOnly: true))
                .LimitedBy(UserLimits.Login)
                .Describe(
                    nameof(LogIn),
                    "Logs in with e-mail address and password",
                    "Answers the session's key and sets it as a cookie. A wrong password, an unknown address and a suspended account are one "
                        + "answer. Too many wrong tries on an account make it wait.")
                .Example("""{"email":"jane@example.com","password":"SomeSecurePassword!"}""")
                .Answers<Response>(StatusCodes.Status201Created).Refuses(400, 401, 403, 429);
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Email).IsRequired();
            RuleFor(c => c.Email).Obeys(EmailAddress.Problem);
            RuleFor(c => c.Password).IsRequired();
        }
    }

    /// <summary>One lookup and one hash for every request: neither the answer nor its time tells who has an account.</summary>
    internal sealed class Preparation(UserSettings settings, UsersDbContext db, PasswordCheck check) : IPreparation<Command, Comparison>
    {
        public async Task<Result<Comparison?>> PrepareAsync(Command command, CancellationToken ct)
        {
            if (settings.PasswordLoginDisabled)
            {
                return SignInErrors.PasswordLoginDisabled;
            }

            var key = AsciiLowerCase.Of(command.Email);
            var found = await db.Users.AsNoTracking()
                .Where(user => !user.Deleted && user.EmailKey == key)
                .Select(user => new { user.Id, user.HashedPassword })
                .SingleOrDefaultAsync(ct);
            var tried = await check.TryAsync(command.Email, found?.HashedPassword, command.Password, ct);
            if (tried.Error is not null)
            {
                return tried.Error;
            }

            var verdict = tried.Value;
            var newHash = verdict == PasswordVerdict.MatchNeedsRehash && await check.HashAsync(command.Password, ct) is { Error: null } made
                ? made.Value
                : null; // Where too many wait, the old hash serves until the next login.
            return new Comparison(found?.Id, found?.HashedPassword, verdict, newHash);
        }
    }

    internal sealed class Handler(
        UserSettings settings, UsersDbContext db, PasswordCheck check, Prepared prepared, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Command request, CancellationToken cancellationToken)
        {
            var compared = prepared.Get<Comparison>();
            var now = clock.GetUtcNow();

            // An id that no user has is looked for as well: an unknown address costs what a known one costs.
            var user = (await db.LockUsersAsync([compared.UserId ?? Guid.Empty], cancellationToken)).SingleOrDefault();
            if (user is not { Deleted: false })
            {
                return Refused(Guid.Empty, SignInErrors.WrongCredentials);
            }

            if (user.HashedPassword != compared.Hash)
            {
                throw new PreparationOutdatedException(); // By another login's rehash at best.
            }

            if (compared.Verdict == PasswordVerdict.NoMatch || user.LoginType != LoginType.Password)
            {
                return Refused(user.Id, SignInErrors.WrongCredentials);
            }

            if (user.Status == AccountStatus.Suspended)
            {
                return Refused(user.Id, SignInErrors.Suspended);
            }

            if (compared.NewHash is { } newHash)
            {
                user.Rehash(newHash);
                await db.SaveChangesAsync(cancellationToken);
            }

            if (user.Status == AccountStatus.Dormant)
            {
                await DormantUsers.EndAsync(user, db, events, now, cancellationToken);
            }

            await check.RememberNetworkAsync(cancellationToken);
            var key = KeySecret.Draw();
            await events.PublishAsync(
                new SessionStarted(
                    user.Id,
                    key.Id,
                    key.Hash,
                    LoginType.Password,
                    settings.SessionDuration,
                    new AuditFacts(AuditAction.Login, SessionResource, user.Id, "") { Actor = user.Id },
                    now),
                cancellationToken);
            return new Response(key.Text);

            Result<Response> Refused(Guid userId, Error error) => Result<Response>.Refused(
                error,
                new SignInRefused(
                    new AuditFacts(AuditAction.Login, SessionResource, Guid.Empty, "") { Actor = userId }, IsOfAUser: userId != Guid.Empty, now));
        }
    }
}
