using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.People;

internal static class CreateFirstUser
{
    private const string SetupTokenHeader = "X-Modular-Setup-Token";

    /// <summary>Members about a trial are accepted, as clients send them, and mean nothing here.</summary>
    internal sealed record Input
    {
        [Required]
        public string? Email { get; init; }

        [Required]
        public string? Username { get; init; }

        public string? Name { get; init; }

        [Required]
        public string? Password { get; init => field = PasswordRules.Bounded(value); }

        public bool? Trial { get; init; }

        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(CreateFirstUser);
    }

    internal sealed record Command(string Email, string Username, string Name, string Password, string? SetupToken)
        : ICommand<Response>, IWillPublish<UserCreated>
    {
        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(CreateFirstUser);
    }

    [AnswerExample("""{"user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","organization_id":"f7410639-9649-4c7b-88cd-3c9d8b93726a"}""")]
    internal sealed record Response(Guid UserId, Guid OrganizationId);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/first", (Body<Input> body, HttpRequest request, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(
                        mediator,
                        input => new Command(
                            input.Email ?? "",
                            input.Username ?? "",
                            input.Name ?? "",
                            input.Password ?? "",
                            request.Headers[SetupTokenHeader].ToString()),
                        created => Json(created),
                        ct))
                .AllowsAnonymous()
                .WithMetadata(new ForeignPages(NeedsNoProof: true, OwnPagesOnly: true))
                .Describe(
                    nameof(CreateFirstUser),
                    "Creates the first user, an owner",
                    "Once, on a fresh server. Where the operator has set a setup token, it goes into the header X-Modular-Setup-Token.")
                .Example("""{"username":"admin","email":"admin@example.com","name":"First Owner","password":"SomeSecurePassword!"}""")
                .Answers<Response>(StatusCodes.Status201Created).Refuses(400, 403, 409);
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Email).IsRequired();
            RuleFor(c => c.Email).Obeys(EmailAddress.Problem);
            RuleFor(c => c.Username).IsRequired();
            RuleFor(c => c.Username).Obeys(Username.Problem);
            RuleFor(c => c.Name).Obeys(RealName.Problem);
            RuleFor(c => c.Password).IsRequired();
        }
    }

    internal sealed class Preparation(UserSettings settings, UsersDbContext db, PasswordHasher hasher) : IPreparation<Command, NewPassword>
    {
        public async Task<Result<NewPassword?>> PrepareAsync(Command command, CancellationToken ct)
        {
            if (settings.SetupToken is { } expected && !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(command.SetupToken ?? "")))
            {
                return UserErrors.SetupTokenNeeded;
            }

            // Before anything costly, which strangers could ask for again and again.
            if (await db.Users.AnyAsync(user => !user.Deleted, ct))
            {
                return UserErrors.FirstUserExists;
            }

            return await NewPassword.OfAsync(command.Password, command.Username, command.Email, hasher, ct);
        }
    }

    internal sealed class Handler(UsersDbContext db, Prepared prepared, IIntegrationEvents events, TimeProvider clock) : IRequestHandler<Command, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Command request, CancellationToken cancellationToken)
        {
            await db.LockOwnersAsync(cancellationToken);
            if (await db.Users.AnyAsync(user => !user.Deleted, cancellationToken))
            {
                return UserErrors.FirstUserExists;
            }

            var password = prepared.Get<NewPassword>();
            if (password.Refusal is { } refusal)
            {
                return refusal;
            }

            var now = clock.GetUtcNow();
            var organization = await db.Organizations.SingleAsync(o => o.IsDefault, cancellationToken);
            var user = User.Register(
                Guid.CreateVersion7(now), request.Username, request.Email, request.Name,
                LoginType.Password, AccountStatus.Active, password.Hash, [SiteRole.Owner], now);
            db.Users.Add(user);
            db.OrganizationMembers.Add(new OrganizationMember(organization.Id, user.Id, now));
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new UserCreated(
                    user.Id,
                    user.Username,
                    user.Status,
                    user.RbacRoles,
                    new AuditFacts(AuditAction.Create, User.ResourceType, user.Id, user.Username)
                    {
                        Actor = user.Id,
                        Diff = User.AuditShape.Diff(before: null, user),
                    },
                    now)
                {
                    OrganizationRoles = [OrganizationRole.In(organization.Id, OrganizationRole.Member)],
                },
                cancellationToken);
            return new Response(user.Id, organization.Id);
        }
    }
}
