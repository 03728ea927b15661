using System.ComponentModel.DataAnnotations;
using Modular.Users.People.Domain;
using Modular.Users.SignIn.Domain;

namespace Modular.Users.SignIn;

/// <summary>
/// Lets users sign in through an identity provider instead of with their password. No provider can be configured, so this says what
/// stands in the way.
/// </summary>
internal static class ConvertLogin
{
    internal const string ResourceType = "convert_login";

    internal sealed record Input
    {
        [Required]
        public string? ToType { get; init; }

        [Required]
        public string? Password { get; init => field = PasswordRules.Bounded(value); }

        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(ConvertLogin);
    }

    internal sealed record Command(Target User, Result<Input> Body) : ICommand
    {
        /// <summary>Keeps the record's generated text from showing the password in a log.</summary>
        public override string ToString() => nameof(ConvertLogin);
    }

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/{user}/convert-login", (Target target, Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.CarryAsync(mediator, read => new Command(target, read), ct))
                .HandlerRequires(UserPermissions.UpdatePersonal)
                .Describe(
                    nameof(ConvertLogin),
                    "Begins to change one's own login from a password to an identity provider",
                    "One's own alone, with the password. Refused on servers that have no such provider.")
                .Example("""{"to_type":"oidc","password":"SomeSecurePassword!"}""")
                .Refuses(400, 403, 404);
    }

    internal sealed class Handler(ICurrentUser current, TimeProvider clock) : IRequestHandler<Command, Result<Unit>>
    {
        public Task<Result<Unit>> Handle(Command request, CancellationToken cancellationToken) => Task.FromResult(Judge(request));

        private Result<Unit> Judge(Command request)
        {
            var (caller, target) = (current.Required, request.User);
            if (caller.UserId != target.Id)
            {
                return Refused(SignInErrors.OwnLoginOnly);
            }

            // Another way to sign in takes the account over: a narrowed key is refused like a missing role.
            if (!caller.Restrictions.HoldsEverything || !caller.May(UserPermissions.UpdatePersonal, owner: target.Id, id: target.Id))
            {
                return Refused(Error.NotAllowed);
            }

            if (request.Body.Error is { } unreadable)
            {
                return unreadable;
            }

            return Broken(request.Body.Value) is { Count: > 0 } broken
                ? Error.InvalidFields(broken)
                : SignInErrors.ProviderNotConfigured(request.Body.Value.ToType!);

            Result<Unit> Refused(Error error) => Result<Unit>.Refused(
                error,
                new WriteRefused(
                    new AuditFacts(AuditAction.Create, ResourceType, target.Id, target.Username), clock.GetUtcNow()));
        }

        private static List<Validation> Broken(Input input)
        {
            List<Validation> broken = [];
            if (input.ToType is not (LoginType.GitHub or LoginType.Oidc))
            {
                broken.Add(new("to_type", string.IsNullOrEmpty(input.ToType)
                    ? "This field is required."
                    : $"A login is converted to '{LoginType.GitHub}' or '{LoginType.Oidc}'."));
            }

            if (string.IsNullOrEmpty(input.Password))
            {
                broken.Add(new("password", "This field is required."));
            }

            return broken;
        }
    }
}
