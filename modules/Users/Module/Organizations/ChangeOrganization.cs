using FluentValidation;
using Modular.Users.Organizations.Domain;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.Organizations;

/// <summary>Changes what is sent of an organization; what is absent stays.</summary>
internal static class ChangeOrganization
{
    internal sealed record Command(string Organization, Result<OrganizationInput> Body) : ICommand<OrganizationAnswer>;

    internal sealed record OrganizationChanged(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPatch("/api/v2/organizations/{organization}", (
                    string organization, Body<OrganizationInput> body, IMediator mediator, CancellationToken ct) =>
                    body.CarryAsync(mediator, read => new Command(organization, read), ct))
                .HandlerRequires(UserPermissions.UpdateOrganization)
                .Describe(
                    nameof(ChangeOrganization),
                    "Changes an organization",
                    "Members that are left out stay as they are. The default organization keeps its name.")
                .Example("""{"display_name":"Operations"}""")
                .Answers<OrganizationAnswer>().Refuses(400, 403, 404, 409);
    }

    internal sealed class Handler(
        ICurrentUser current, IValidator<OrganizationInput> rules, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<OrganizationAnswer>>
    {
        public async Task<Result<OrganizationAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            if (await db.LockOrganizationAsync(caller, request.Organization, cancellationToken) is not { } organization)
            {
                return Error.ResourceNotFound;
            }

            var now = clock.GetUtcNow();
            if (!caller.May(UserPermissions.UpdateOrganization, id: organization.Id, organization: organization.Id))
            {
                return Result<OrganizationAnswer>.Refused(
                    Error.NotAllowed, OrganizationAudit.Refused(AuditAction.Write, organization, now));
            }

            if (rules.FindError(request.Body) is { } wrong)
            {
                return wrong;
            }

            var input = request.Body.Value;
            var name = input.Name ?? organization.Name;
            if (organization.IsDefault && name != organization.Name)
            {
                return OrganizationErrors.DefaultName;
            }

            if (await db.Organizations.AnyAsync(o => o.Name == name && o.Id != organization.Id, cancellationToken))
            {
                return OrganizationErrors.NameTaken;
            }

            var before = db.Unchanged(organization);
            organization.Change(
                name,
                input.DisplayName ?? organization.DisplayName,
                input.Description ?? organization.Description,
                input.Icon ?? organization.Icon,
                now);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(new OrganizationChanged(OrganizationAudit.Changed(AuditAction.Write, before, organization), now), cancellationToken);
            return OrganizationAnswer.Of(organization);
        }
    }
}
