using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Keys;
using Modular.ApiKeys.Persistence;

namespace Modular.ApiKeys.Tokens;

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
                    body.AnswerAsync(mediator, input => new Command(target, input), ct))
                .HandlerRequires(ApiKeyPermissions.Create)
                .Describe(
                    nameof(CreateToken),
                    "Makes a token; its secret is shown this once",
                    "The token acts as the user, narrowed to the scopes and to the allow list. The lifetime is in nanoseconds; absent or 0, it is "
                        + "the operator's default. A key never makes one that may do more than itself.")
                .Example("""{"token_name":"backup","lifetime":604800000000000,"scopes":["user:read"],"allow_list":[{"type":"*","id":"*"}]}""")
                .Answers<NewKeyAnswer>(StatusCodes.Status201Created).Refuses(400, 403, 404, 409);
    }

    internal sealed class Handler(
        ICurrentUser current, IExperiments experiments, ScopeCatalog catalog, TokenSettings settings, ApiKeysDbContext db, KeyMaking making)
        : IRequestHandler<Command, Result<NewKeyAnswer>>
    {
        public async Task<Result<NewKeyAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var (target, input) = request;
            if (await BrokenRuleAsync(input) is { } broken)
            {
                return broken;
            }

            if (await db.LockOwnerAsync(target.Id, current.Required.UserId, cancellationToken) is not { Deleted: false } owner)
            {
                return Error.ResourceNotFound;
            }

            var longest = settings.LongestFor(owner.Roles).Ticks * TimeSpan.NanosecondsPerTick;
            if (input.Lifetime is { } asked && asked != 0 && (asked < 0 || asked > longest))
            {
                return Error.InvalidField("lifetime", $"Give a positive number of nanoseconds, at most {longest}.");
            }

            return await making.MakeAsync(
                target.Id,
                new WantedKey(
                    input.TokenName ?? "",
                    input.Lifetime is { } nanoseconds and not 0 ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick) : null,
                    RequestedScopes(input),
                    input.AllowList is { Count: > 0 } entries ? AllowList.Of(entries) : null,
                    IsToken: true),
                cancellationToken);
        }

        /// <summary>What is wrong with the request, whichever caller makes it for whichever user.</summary>
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
    }
}
