using FluentValidation;
using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.Organizations;

/// <summary>Makes an organization; the caller is its first member and administrator.</summary>
internal static class CreateOrganization
{
    internal sealed record Command(Result<OrganizationInput> Body) : ICommand<OrganizationAnswer>;

    internal sealed record OrganizationCreated(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/organizations", (Body<OrganizationInput> body, IMediator mediator, CancellationToken ct) =>
                    body.CarryAsync(mediator, read => new Command(read), ct))
                .HandlerRequires(UserPermissions.CreateOrganization)
                .Describe(
                    nameof(CreateOrganization),
                    "Creates an organization",
                    "The caller becomes its first member and its administrator. The display name is the name unless it is given.")
                .Example("""{"name":"operations","display_name":"Operations","description":"Runs the servers","icon":""}""")
                .Answers<OrganizationAnswer>(StatusCodes.Status201Created).Refuses(400, 403, 409);
    }

    internal sealed class Handler(
        ICurrentUser current, IValidator<OrganizationInput> rules, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<OrganizationAnswer>>
    {
        public async Task<Result<OrganizationAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var (by, user, usersRoles) = await db.LockForWriteAsync(current.Required, current.Required.UserId, cancellationToken);
            if (user is null || by?.May(UserPermissions.CreateOrganization) != true)
            {
                return Error.NotAllowed;
            }

            if (request.Body.Error is { } unreadable)
            {
                return unreadable;
            }

            var input = request.Body.Value with { Name = request.Body.Value.Name ?? "" };
            if (rules.FindError(input) is { } wrong)
            {
                return wrong;
            }

            if (await db.Organizations.AnyAsync(o => o.Name == input.Name, cancellationToken))
            {
                return OrganizationErrors.NameTaken;
            }

            var now = clock.GetUtcNow();
            var organization = Organization.Create(
                Guid.CreateVersion7(now), input.Name, input.DisplayName ?? "", input.Description ?? "", input.Icon ?? "", now);
            var member = new OrganizationMember(organization.Id, user.Id, now) { Username = user.Username };
            member.SetRoles([OrganizationRole.Admin], now);
            db.Organizations.Add(organization);
            db.OrganizationMembers.Add(member);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new OrganizationCreated(OrganizationAudit.Changed(AuditAction.Create, null, organization), now), cancellationToken);
            await events.PublishAsync(
                new UserMembershipsChanged(
                    user.Id,
                    [.. OrganizationRole.OfOrganizations(usersRoles), .. member.FullRoles],
                    OrganizationAudit.Changed(AuditAction.Create, null, member),
                    now),
                cancellationToken);
            return OrganizationAnswer.Of(organization);
        }
    }
}
