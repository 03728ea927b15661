using System.ComponentModel.DataAnnotations;
using FluentValidation;
using Modular.SharedKernel.Text;
using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.People;

internal static class CreateUser
{
    internal sealed record Input
    {
        public string? Email { get; init; }

        [Required]
        public string? Username { get; init; }

        public string? Name { get; init; }

        public string? Password { get; init => field = PasswordRules.Bounded(value); }

        public string? LoginType { get; init; }

        public string? UserStatus { get; init; }

        public List<Guid>? OrganizationIds { get; init; }

        /// <summary>Older clients send one organization here; the zero id means that they sent none.</summary>
        public Guid? OrganizationId { get; init; }

        public List<string?>? Roles { get; init; }

        public bool? ServiceAccount { get; init; }

        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(CreateUser);
    }

    internal sealed record Command(
        string Email,
        string Username,
        string Name,
        string Password,
        string LoginType,
        string UserStatus,
        IReadOnlyList<Guid> OrganizationIds,
        IReadOnlyList<string> Roles,
        bool ServiceAccount) : ICommand<UserAnswer>, IWillPublish<UserCreated>
    {
        internal static Command From(Input input) => new(
            input.Email ?? "",
            input.Username ?? "",
            input.Name ?? "",
            input.Password ?? "",
            input.LoginType ?? "",
            input.UserStatus ?? "",
            [.. (input.OrganizationIds ?? []).Concat(input.OrganizationId is { } id && id != Guid.Empty ? [id] : []).Distinct()],
            [.. (input.Roles ?? []).Select(role => role ?? "").Distinct()],
            input.ServiceAccount ?? false);

        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(CreateUser);
    }

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users", (Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(mediator, Command.From, ct))
                .HandlerRequires(UserPermissions.Create, UserPermissions.AddToOrganization, UserPermissions.AssignRole)
                .Describe(
                    nameof(CreateUser),
                    "Creates a user or a service account",
                    "The first of organization_ids is enough; absent, it is the default organization. A service account has neither address nor "
                        + "password and works through tokens that others make for it.")
                .Example("""{"username":"jane-doe","email":"jane@example.com","name":"Jane Doe","password":"SomeSecurePassword!","login_type":"password","user_status":"active","organization_ids":["00000000-0000-0000-0000-000000000000"],"roles":[],"service_account":false}""")
                .Answers<UserAnswer>(StatusCodes.Status201Created).Refuses(400, 403, 404, 409);
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Email).IsRequired().When(c => !c.ServiceAccount);
            RuleFor(c => c.Email).Obeys(EmailAddress.Problem);
            RuleFor(c => c.Username).IsRequired();
            RuleFor(c => c.Username).Obeys(Username.Problem);
            RuleFor(c => c.Name).Obeys(RealName.Problem);
        }
    }

    internal sealed class Preparation(ICurrentUser caller, UserSettings settings, PasswordHasher hasher) : IPreparation<Command, NewPassword>
    {
        public async Task<Result<NewPassword?>> PrepareAsync(Command command, CancellationToken ct)
        {
            if (!caller.Required.May(UserPermissions.Create))
            {
                return Error.NotAllowed;
            }

            var (hasEmail, hasPassword) = (command.Email.Length > 0, command.Password.Length > 0);
            if (NewAccount.Contradiction(
                command.ServiceAccount, command.LoginType, hasEmail, hasPassword, settings.PasswordLoginDisabled) is { } error)
            {
                return error;
            }

            if (command.OrganizationIds.Count == 0)
            {
                return Error.InvalidField("organization_ids", "Name at least one organization; GET /api/v2/users/me shows yours.");
            }

            return UsesPassword(command) ? await NewPassword.OfAsync(command.Password, command.Username, command.Email, hasher, ct) : NewPassword.None;
        }
    }

    internal sealed class Handler(ICurrentUser caller, UsersDbContext db, Prepared prepared, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<UserAnswer>>
    {
        public async Task<Result<UserAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (await TakenAsync(request, cancellationToken) is { } taken)
            {
                return taken;
            }

            if (await OrganizationsAsync(request, cancellationToken) is not { } organizations)
            {
                return UserErrors.UnknownOrganization;
            }

            var password = prepared.Get<NewPassword>();
            if (password.Refusal is { } weak)
            {
                return weak;
            }

            if (NewAccount.UnavailableLogin(request.ServiceAccount, request.LoginType) is { } unavailable)
            {
                return unavailable;
            }

            if (MayNot(request) is { } error)
            {
                return error;
            }

            var now = clock.GetUtcNow();
            var user = User.Register(
                Guid.CreateVersion7(now),
                request.Username,
                request.Email,
                request.Name,
                request.ServiceAccount ? LoginType.None : LoginType.Password,
                request.UserStatus.Length == 0 ? AccountStatus.Dormant : request.UserStatus,
                password.Hash,
                request.Roles,
                now);
            db.Users.Add(user);
            db.OrganizationMembers.AddRange(organizations.Select(id => new OrganizationMember(id, user.Id, now)));
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new UserCreated(
                    user.Id,
                    user.Username,
                    user.Status,
                    user.RbacRoles,
                    new AuditFacts(AuditAction.Create, User.ResourceType, user.Id, user.Username)
                    {
                        Diff = User.AuditShape.Diff(before: null, user),
                    },
                    now)
                {
                    OrganizationRoles = [.. organizations.Select(id => OrganizationRole.In(id, OrganizationRole.Member))],
                },
                cancellationToken);
            return UserAnswer.Of(user, organizations);
        }

        private async Task<Error?> TakenAsync(Command request, CancellationToken ct)
        {
            var usernameKey = AsciiLowerCase.Of(request.Username);
            var emailKey = AsciiLowerCase.Of(request.Email);
            if (await db.Users.AnyAsync(user => !user.Deleted && user.UsernameKey == usernameKey, ct))
            {
                return UserErrors.UsernameTaken;
            }

            return emailKey.Length > 0 && await db.Users.AnyAsync(user => !user.Deleted && user.EmailKey == emailKey, ct)
                ? UserErrors.EmailTaken
                : null;
        }

        /// <summary>
        /// The organizations asked for, each once, in that order; null where one does not exist. The zero id stands for the default
        /// one, which may be named beside it.
        /// </summary>
        private async Task<List<Guid>?> OrganizationsAsync(Command request, CancellationToken ct)
        {
            var known = await db.Organizations.AsNoTracking()
                .Where(o => request.OrganizationIds.Contains(o.Id) || (o.IsDefault && request.OrganizationIds.Contains(Guid.Empty)))
                .Select(o => new { o.Id, o.IsDefault })
                .ToListAsync(ct);
            var found = request.OrganizationIds
                .Select(id => known.FirstOrDefault(o => id == Guid.Empty ? o.IsDefault : o.Id == id)?.Id)
                .ToList();
            return found.Contains(null) ? null : [.. found.OfType<Guid>().Distinct()];
        }

        private Error? MayNot(Command request)
        {
            var by = caller.Required;
            if (!by.May(UserPermissions.AddToOrganization) || !by.May(UserPermissions.AssignRole))
            {
                return Error.NotAllowed;
            }

            if (NewAccount.NotGiven(request.Roles, by.Roles) is { } notGiven)
            {
                return notGiven;
            }

            return request.UserStatus is "" or AccountStatus.Active or AccountStatus.Dormant
                ? null
                : Error.InvalidField("user_status", "A user is created 'active' or 'dormant'.");
        }
    }

    private static bool UsesPassword(Command command) => NewAccount.UsesPassword(command.ServiceAccount, command.LoginType);
}
