using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Keys;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Sessions;

/// <summary>A further session of a user, for a client that is not the browser in which the user logged in.</summary>
internal static class CreateSessionKey
{
    internal sealed record Command(Target User) : ICommand<NewKeyAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/{user}/keys", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(target), ct))
                .HandlerRequires(ApiKeyPermissions.Create)
                .Describe(
                    nameof(CreateSessionKey),
                    "Makes a session key; its secret is shown this once",
                    "For clients that a person signs in from the browser. It ends with the sign-in that it was made with; no cookie is set. "
                        + "A body is not looked at.")
                .Answers<NewKeyAnswer>(StatusCodes.Status201Created).Refuses(403, 404, 409);
    }

    internal sealed class Handler(ICurrentUser current, ApiKeysDbContext db, KeyMaking making) : IRequestHandler<Command, Result<NewKeyAnswer>>
    {
        public async Task<Result<NewKeyAnswer>> Handle(Command request, CancellationToken cancellationToken) =>
            await db.LockOwnerAsync(request.User.Id, current.Required.UserId, cancellationToken) is { Deleted: false }
                ? await making.MakeAsync(
                    request.User.Id, new WantedKey("", Lifetime: null, Scopes: [], AllowList: null, IsToken: false), cancellationToken)
                : Error.ResourceNotFound;
    }
}
