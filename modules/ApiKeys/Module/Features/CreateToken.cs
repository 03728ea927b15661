using Carter;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.ApiKeys.Features;

internal static class CreateToken
{
    private const int MaxNameBytes = 256;

    internal sealed record Input
    {
        /// <summary>Nanoseconds; absent or 0 is the server's default.</summary>
        public long? Lifetime { get; init; }

        /// <summary>One scope, as old clients send it; not looked at beside <see cref="Scopes"/>.</summary>
        public string? Scope { get; init; }

        public List<string?>? Scopes { get; init; }

        public string? TokenName { get; init; }

        public List<AllowListEntry>? AllowList { get; init; }
    }

    internal sealed record Command(Target Owner, Input Input) : ICommand<NewKeyAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/{user}/keys/tokens", (Target target, Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.SendAsync(mediator, input => new Command(target, input), key => Json(StatusCodes.Status201Created, key), ct))
                .Requires(ApiKeyPermissions.Create)
                .Describe(
                    nameof(CreateToken),
                    "Makes a token; its secret is shown this once",
                    "The token acts as the user, narrowed to the scopes and to the allow list. The lifetime is in nanoseconds; absent or 0, it is "
                        + "the operator's default. A key never makes one that may do more than itself.")
                .Example("""{"token_name":"backup","lifetime":604800000000000,"scopes":["user:read"],"allow_list":[{"type":"*","id":"*"}]}""")
                .Answers<NewKeyAnswer>(StatusCodes.Status201Created).Refuses(400, 403, 404, 409);
    }

    internal sealed class Handler(
        ICurrentUser current,
        IExperiments experiments,
        ScopeCatalog catalog,
        TokenSettings settings,
        ApiKeysDbContext db,
        IIntegrationEvents events,
        TimeProvider clock) : IRequestHandler<Command, Result<NewKeyAnswer>>
    {
        public async Task<Result<NewKeyAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var (target, input) = request;
            if (await BrokenRuleAsync(input) is { } broken)
            {
                return broken;
            }

            if (await db.LockOwnerAsync(target.Id, cancellationToken) is not { Deleted: false } owner)
            {
                return Error.ResourceNotFound;
            }

            var longest = owner.Roles.Contains(SiteRole.Owner) ? settings.MaxAdminLifetime : settings.MaxLifetime;
            if (input.Lifetime is { } asked && asked != 0 && (asked < 0 || asked > longest.Ticks * TimeSpan.NanosecondsPerTick))
            {
                return Error.InvalidField("lifetime", $"Give a positive number of nanoseconds, at most {longest.Ticks * TimeSpan.NanosecondsPerTick}.");
            }

            var name = input.TokenName is { Length: > 0 } given ? given : GeneratedTokenName.Draw();
            var caller = current.Required;
            var mine = (KeyRestrictions)caller.Restrictions;
            var scopes = RequestedScopes(input) is { Count: > 0 } requested ? requested : mine.Scopes;
            var allowList = input.AllowList is { Count: > 0 } entries ? AllowList.Of(entries) : mine.AllowList;
            if (!caller.May(ApiKeyPermissions.Create, owner: target.Id))
            {
                return Refused(Error.NotAllowed);
            }

            if (NotCovered(mine, scopes, allowList) is { } tooMuch)
            {
                return Refused(ApiKeyErrors.NotCovered(tooMuch));
            }

            if (!await db.Keys.AnyAsync(key => key.Id == caller.KeyId, cancellationToken))
            {
                return Refused(Error.NotAllowed); // The key that asks has been deleted meanwhile; nothing made with it outlives it.
            }

            var names = await db.Keys
                .Where(key => key.UserId == target.Id)
                .Select(key => new { key.TokenName, key.LoginType })
                .ToListAsync(cancellationToken);
            if (names.Count >= settings.KeysPerUser)
            {
                return ApiKeyErrors.TooMany(settings.KeysPerUser);
            }

            while (names.Any(key => key.LoginType == ApiKey.TokenLoginType && key.TokenName == name))
            {
                if (input.TokenName is { Length: > 0 })
                {
                    return ApiKeyErrors.NameTaken;
                }

                name = GeneratedTokenName.Draw();
            }

            var now = clock.GetUtcNow();
            var secret = KeySecret.Draw();
            var lifetime = input.Lifetime is { } nanoseconds and not 0
                ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick)
                : settings.DefaultLifetime;
            var key = ApiKey.ForToken(
                secret.Id, secret.Hash, target.Id, name, lifetime, mine.HoldsEverything ? null : mine.ExpiresAt, scopes, allowList, now);
            db.Keys.Add(key);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new KeyCreated(
                    new AuditFacts("create", "api_key", target.Id, name, StatusCodes.Status201Created)
                    {
                        Diff = ApiKey.AuditShape.Diff(before: null, key),
                    },
                    now),
                cancellationToken);
            return new NewKeyAnswer(secret.Text);

            Result<NewKeyAnswer> Refused(Error error) => Result<NewKeyAnswer>.Refused(
                error,
                new WriteRefused(new AuditFacts("create", "api_key", target.Id, name, StatusOf(error.Kind)), clock.GetUtcNow()));
        }

        /// <summary>What is wrong with the request whoever makes it for whomever.</summary>
        private async Task<Error?> BrokenRuleAsync(Input input)
        {
            foreach (var scope in RequestedScopes(input))
            {
                if (!await catalog.IsRequestableAsync(scope, experiments))
                {
                    return Error.InvalidField(
                        input.Scopes is { Count: > 0 } ? "scopes" : "scope",
                        $"'{scope}' is not a scope that a key can have; GET /api/v2/auth/scopes lists them.");
                }
            }

            foreach (var entry in input.AllowList ?? [])
            {
                if (!await catalog.IsResourceTypeAsync(entry.Type, experiments))
                {
                    return Error.InvalidField("allow_list", $"'{entry.Type}' is not a type of resource.");
                }

                if (entry.Id != AllowList.Any && !SharedKernel.Text.Uuid.TryParse(entry.Id, out _))
                {
                    return Error.InvalidField("allow_list", $"'{entry.Id}' is neither a UUID nor '*'.");
                }
            }

            if (input.AllowList is { Count: > AllowList.MaxEntries } list)
            {
                return Error.InvalidField("allow_list", $"{list.Count} entries are too many; send at most {AllowList.MaxEntries}.");
            }

            return input.TokenName is { } name && (System.Text.Encoding.UTF8.GetByteCount(name) > MaxNameBytes || name.Any(char.IsControl))
                ? Error.InvalidField("token_name", $"Use at most {MaxNameBytes} bytes and no control characters.")
                : null;
        }

        private static List<string> RequestedScopes(Input input) =>
        [
            .. (input.Scopes is { Count: > 0 } several ? several : input.Scope is { Length: > 0 } one ? [one] : [])
                .Select(scope => ScopeCatalog.Canonical(scope ?? ""))
                .Distinct(),
        ];

        /// <summary>The first scope or entry that the calling key does not hold itself.</summary>
        private string? NotCovered(KeyRestrictions mine, IEnumerable<string> scopes, AllowList allowList) =>
            scopes.Where(scope => !mine.Permissions.Covers(catalog.Expand([scope]))).Select(scope => $"the scope '{scope}'")
                .Concat(allowList.Entries.Where(entry => !mine.AllowList.Covers(entry)).Select(entry => $"the allow-list entry '{entry}'"))
                .FirstOrDefault();
    }

    internal sealed record KeyCreated(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
