using System.Text.Json.Serialization;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.People;

/// <summary>A user's site roles and those in each organization.</summary>
internal static class ReadRoles
{
    internal sealed record Query(Guid UserId) : IQuery<Response>;

    /// <summary>The whole user, as the published reference has it.</summary>
    [AnswerExample(
        """
        {"organization_roles":{"f7410639-9649-4c7b-88cd-3c9d8b93726a":["organization-auditor"]},
        "id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","username":"jane-doe","name":"Jane Doe","email":"jane@example.com",
        "created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:54.164139Z","last_seen_at":"2026-11-26T16:20:54.164139Z",
        "status":"active","login_type":"password","organization_ids":["f7410639-9649-4c7b-88cd-3c9d8b93726a"],
        "roles":[{"name":"user-admin","display_name":"User Admin"}],"has_ai_seat":false}
        """)]
    internal sealed record Response : UserAnswer
    {
        internal Response(UserAnswer user, IReadOnlyDictionary<Guid, IReadOnlyList<string>> organizationRoles)
            : base(user) => OrganizationRoles = organizationRoles;

        public IReadOnlyDictionary<Guid, IReadOnlyList<string>> OrganizationRoles { get; }

        /// <summary>None: the user's does not cover roles in organizations.</summary>
        [JsonIgnore]
        public override string? ETag => null;
    }

    /// <summary>Names alone, as clients read them that were made for the original server's wire.</summary>
    internal sealed record Names(IReadOnlyList<string> Roles, IReadOnlyDictionary<Guid, IReadOnlyList<string>> OrganizationRoles);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/roles", async (Target target, UserSettings settings, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(target.Id), ct)).ToAnswer(user => settings.RolesAsStrings
                        ? Json(new Names([.. user.Roles.Select(role => role.Name)], user.OrganizationRoles))
                        : Json(user)))
                .RequiresToSee(UserPermissions.ReadPersonal)
                .Describe(
                    nameof(ReadRoles),
                    "Reads a user's site and organization roles",
                    "Organization roles are listed by the organization's id. Where the operator sets Compatibility:UserRolesAsStrings, the answer is "
                        + "roles and organization_roles alone, roles by name.")
                .Answers<Response>().Refuses(404);
    }

    internal sealed class Handler(UsersDbContext db) : IRequestHandler<Query, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Query request, CancellationToken cancellationToken)
        {
            if (await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == request.UserId, cancellationToken) is not { } user)
            {
                return Error.ResourceNotFound;
            }

            var memberships = await db.OrganizationMembers.AsNoTracking()
                .Where(member => member.UserId == request.UserId)
                .OrderBy(member => member.CreatedAt)
                .ToListAsync(cancellationToken);
            return new Response(
                UserAnswer.Of(user, memberships.ConvertAll(member => member.OrganizationId)),
                memberships.ToDictionary(member => member.OrganizationId, member => (IReadOnlyList<string>)member.Roles));
        }
    }
}
