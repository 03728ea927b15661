using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;

namespace Modular.ApiKeys.Keys;

/// <summary>Gives a key another secret, so that a leak ends and the key's user has time to take the new one.</summary>
internal static class RotateKey
{
    private const int MaxOverlapSeconds = 86_400;

    internal sealed record Input
    {
        /// <summary>How long the secret before this one stays good; absent is 0.</summary>
        public int? OverlapSeconds { get; init; }
    }

    internal sealed record Command(string KeyId, Result<Input> Body) : ICommand<NewKeyAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/{user}/keys/{keyid}/rotate", (
                    Target target, string keyid, Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.CarryAsync(mediator, read => new Command(keyid, read), ct))
                .HandlerRequiresOnSeen(ApiKeyPermissions.Update, toSee: ApiKeyPermissions.Read)
                .Describe(
                    nameof(RotateKey),
                    "Gives a key a new secret, shown this once",
                    "The id, the name, the scopes and the end stay. The former secret stays good for the overlap; a secret before that one is "
                        + "refused at once. No key gets a secret for a key that may do more than itself.")
                .Example("""{"overlap_seconds":3600}""")
                .Answers<NewKeyAnswer>().Refuses(403, 404);
    }

    internal sealed class Handler(
        ICurrentUser current,
        KeyWriting writing,
        ScopeCatalog catalog,
        ApiKeysDbContext db,
        IIntegrationEvents events,
        TimeProvider clock)
        : IRequestHandler<Command, Result<NewKeyAnswer>>
    {
        public async Task<Result<NewKeyAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var found = await writing.LockAsync(request.KeyId, ApiKeyPermissions.Update, AuditAction.Write, cancellationToken);
            if (found.Error is not null)
            {
                return found.As<NewKeyAnswer>();
            }

            var key = found.Value;
            var mine = (KeyRestrictions)current.Required.Restrictions;
            if (Coverage.Missing(catalog, mine, key.Scopes, AllowList.OfStored(key.AllowList)) is { } tooMuch)
            {
                return writing.Refused<NewKeyAnswer>(key, AuditAction.Write, ApiKeyErrors.NotCovered(tooMuch));
            }

            if (!mine.HoldsEverything && key.ExpiresAt > mine.ExpiresAt)
            {
                return writing.Refused<NewKeyAnswer>(key, AuditAction.Write, ApiKeyErrors.NotCovered("its end"));
            }

            if (request.Body.Error is { } unreadable)
            {
                return unreadable;
            }

            if (request.Body.Value.OverlapSeconds is { } seconds and (< 0 or > MaxOverlapSeconds))
            {
                return Error.InvalidField("overlap_seconds", $"{seconds} is no such span; give 0 to {MaxOverlapSeconds} seconds.");
            }

            var now = clock.GetUtcNow();
            if (key.IsExpired(now))
            {
                return ApiKeyErrors.Expired;
            }

            var overlap = request.Body.Value.OverlapSeconds ?? 0;
            var secret = KeySecret.DrawFor(key.Id);
            key.Rotate(secret.Hash, TimeSpan.FromSeconds(overlap), now);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new KeyRotated(
                    new AuditFacts(AuditAction.Write, ApiKey.ResourceType, key.UserId, key.TokenName)
                    {
                        AdditionalFields = new Dictionary<string, object> { ["event"] = "rotated", ["overlap_seconds"] = overlap },
                    },
                    now),
                cancellationToken);
            return new NewKeyAnswer(secret.Text);
        }
    }

    internal sealed record KeyRotated(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
