using Modular.Users.Contracts;
using Modular.Users.Organizations.Domain;
using Modular.Users.People;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.Organizations;

internal static class DeleteOrganization
{
    internal sealed record Command(string Organization) : ICommand<MessageAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapDelete("/api/v2/organizations/{organization}", (string organization, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(organization), ct))
                .HandlerRequires(UserPermissions.DeleteOrganization)
                .Describe(
                    nameof(DeleteOrganization),
                    "Deletes an organization and every membership of it",
                    "The default organization stays. Members lose what roles they had in it.")
                .Answers<MessageAnswer>().Refuses(400, 403, 404);
    }

    internal sealed class Handler(ICurrentUser current, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<MessageAnswer>>
    {
        public async Task<Result<MessageAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            if (await db.LockOrganizationAsync(caller, request.Organization, cancellationToken) is not { } organization)
            {
                return Error.ResourceNotFound;
            }

            var now = clock.GetUtcNow();
            if (!caller.May(UserPermissions.DeleteOrganization, id: organization.Id, organization: organization.Id))
            {
                return Result<MessageAnswer>.Refused(Error.NotAllowed, OrganizationAudit.Refused(AuditAction.Delete, organization, now));
            }

            if (organization.IsDefault)
            {
                return OrganizationErrors.DefaultStays;
            }

            await db.OrganizationMembers.Where(member => member.OrganizationId == organization.Id).ExecuteDeleteAsync(cancellationToken);
            db.Organizations.Remove(organization);
            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new OrganizationDeleted(organization.Id, OrganizationAudit.Changed(AuditAction.Delete, organization, null), now), cancellationToken);
            return new MessageAnswer("The organization has been deleted.");
        }
    }
}
