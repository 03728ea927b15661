using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Text;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.People;

/// <summary>Answers whether the caller might do this or that, with the roles, scopes and allow list of the key that asks. Nothing is done.</summary>
internal static class CheckAuthorization
{
    private const int MaxChecks = 100;
    private const int MaxChecksById = 10;

    internal sealed record Input
    {
        public Dictionary<string, Check?>? Checks { get; init; }
    }

    internal sealed record Check
    {
        public CheckedObject? Object { get; init; }

        public string? Action { get; init; }
    }

    internal sealed record CheckedObject
    {
        public string? ResourceType { get; init; }

        public string? OwnerId { get; init; }

        public string? OrganizationId { get; init; }

        public string? ResourceId { get; init; }

        public bool? AnyOrg { get; init; }
    }

    internal sealed record Query(Input Input) : IQuery<IReadOnlyDictionary<string, bool>>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/authcheck", (Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    body.AnswerAsync(mediator, input => new Query(input), ct))
                .RequiresAnyKey()
                .Describe(
                    nameof(CheckAuthorization),
                    "Tells what the caller may do",
                    "Each check has a name of the caller's choice; the answer has the same names. With owner_id, resource ids and organization_id "
                        + "a check asks about particular objects.")
                .Example("""{"checks":{"read-all-users":{"object":{"resource_type":"user"},"action":"read"}}}""")
                .Answers<IReadOnlyDictionary<string, bool>>(example: """{"read-all-users":true}""").Refuses(400);
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db, IEnumerable<IModule> modules, IExperiments experiments)
        : IRequestHandler<Query, Result<IReadOnlyDictionary<string, bool>>>
    {
        public async Task<Result<IReadOnlyDictionary<string, bool>>> Handle(Query request, CancellationToken cancellationToken)
        {
            var checks = request.Input.Checks ?? [];
            if (Problem(checks) is { } problem)
            {
                return problem;
            }

            var asked = checks.Values.Select(check => check!.Object!.ResourceId).Where(id => !string.IsNullOrEmpty(id)).Select(id => Guid.Parse(id!)).ToList();
            var known = asked.Count == 0
                ? []
                : await db.Users.Where(user => asked.Contains(user.Id) && !user.Deleted).Select(user => user.Id).ToHashSetAsync(cancellationToken);
            var hidden = await HiddenTypesAsync();
            return checks.ToDictionary(
                check => check.Key, check => !hidden.Contains(check.Value!.Object!.ResourceType!) && Allowed(check.Value!, known));
        }

        /// <summary>Types of resource that only experiments know which are off for the caller: nothing may tell that there are such.</summary>
        private async Task<HashSet<string>> HiddenTypesAsync()
        {
            var (hidden, shown) = (new HashSet<string>(), new HashSet<string>());
            foreach (var module in modules)
            {
                var isOff = module is IExperimentalModule experiment && !await experiments.IsOnAsync(experiment.FeatureFlag);
                (isOff ? hidden : shown).UnionWith(module.Grants.SelectMany(grant => grant.Permissions).Select(permission => permission.Resource));
            }

            hidden.ExceptWith(shown);
            return hidden;
        }

        private static Error? Problem(Dictionary<string, Check?> checks)
        {
            if (checks.Count > MaxChecks)
            {
                return Error.Invalid("users.too_many_checks", "Too many checks.", $"Send at most {MaxChecks} at once.");
            }

            if (checks.FirstOrDefault(check => string.IsNullOrEmpty(check.Value?.Object?.ResourceType)) is { Key: { } name })
            {
                return Error.Invalid("users.check_without_type", "A check names no type of resource.", $"Give 'object.resource_type' in the check '{name}'.");
            }

            var byId = checks.Values.Where(check => !string.IsNullOrEmpty(check!.Object!.ResourceId)).ToArray();
            return byId.Length > MaxChecksById
                    ? Error.Invalid("users.too_many_checks_by_id", "Too many checks name a resource.", $"Send at most {MaxChecksById} with a 'resource_id' at once.")
                : byId.Any(check => !Guid.TryParseExact(check!.Object!.ResourceId, "D", out _)) ? Error.InvalidField("resource_id", "Give a UUID.")
                : byId.Any(check => check!.Object!.ResourceType != UserPermissions.Read.Resource) ? Error.InvalidField("resource_type", "Only users are checked by id.")
                : null;
        }

        private bool Allowed(Check check, HashSet<Guid> known)
        {
            var (caller, asked) = (current.Required, check.Object!);
            var permission = new Permission(asked.ResourceType!, check.Action ?? "");
            if (!string.IsNullOrEmpty(asked.ResourceId))
            {
                var resource = Guid.Parse(asked.ResourceId);
                return known.Contains(resource)
                    && caller.May(UserPermissions.Read, owner: resource, id: resource)
                    && caller.May(permission, owner: resource, id: resource);
            }

            Guid? owner = asked.OwnerId switch
            {
                null or "" => null,
                "me" => caller.UserId,
                { } text when Uuid.TryParse(text, out var person) => person,
                _ => Guid.Empty,
            };
            var id = permission.Resource == UserPermissions.Read.Resource ? owner : null;
            if (asked.AnyOrg == true)
            {
                return caller.May(permission, owner, id) || (caller.Restrictions.AdmittedIds(permission.Resource) is null
                    && caller.OrganizationsWith(permission) is { Count: > 0 });
            }

            Guid? organization = string.IsNullOrEmpty(asked.OrganizationId) ? null
                : Uuid.TryParse(asked.OrganizationId, out var found) ? found
                : Guid.Empty;
            return caller.May(permission, owner, id ?? (permission.Resource == UserPermissions.ReadOrganization.Resource ? organization : null), organization);
        }
    }
}
