using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Sessions;

internal static class LogOut
{
    internal sealed record Command(string KeyId, Guid UserId) : ICommand<Response>;

    [AnswerExample("""{"message":"You are logged out."}""")]
    internal sealed record Response(string Message);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost(
                    "/api/v2/users/logout",
                    async (ICurrentUser caller, HttpResponse response, SessionCookie cookie, IMediator mediator, CancellationToken ct) =>
                        (await mediator.Send(new Command(caller.Required.KeyId, caller.Required.UserId), ct)).ToAnswer(ended =>
                        {
                            cookie.Remove(response);
                            return Json(ended);
                        }))
                .RequiresAnyKey()
                .Describe(
                    nameof(LogOut),
                    "Ends the session: the key that was presented is deleted",
                    "Whatever was presented, session or token, is refused from then on. Browsers are told to drop the cookie.")
                .Answers<Response>().Refuses(403);
    }

    internal sealed class Handler(CallerCheck check, ApiKeysDbContext db, KeyChanges changes, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (check.UsesFormerSecret)
            {
                var facts = new AuditFacts(AuditAction.Logout, ApiKey.ResourceType, request.UserId, "");
                return Result<Response>.Refused(ApiKeyErrors.FormerSecret, new WriteRefused(facts, clock.GetUtcNow()));
            }

            await changes.BeginAsync(request.UserId, cancellationToken);
            var name = await db.Keys.Where(key => key.Id == request.KeyId).Select(key => key.TokenName).SingleOrDefaultAsync(cancellationToken);
            var now = clock.GetUtcNow();
            await db.Keys
                .Where(key => key.UserId == request.UserId
                    && (key.Id == request.KeyId || key.Scopes.Contains(ScopeCatalog.ApplicationConnect)))
                .RevokeAsync(now, cancellationToken);
            await events.PublishAsync(
                new SessionEnded(new AuditFacts(AuditAction.Logout, ApiKey.ResourceType, request.UserId, name ?? ""), now),
                cancellationToken);
            return new Response("You are logged out.");
        }
    }

    internal sealed record SessionEnded(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
