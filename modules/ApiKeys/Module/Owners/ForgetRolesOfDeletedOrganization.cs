using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Persistence;
using Modular.Users.Contracts;

namespace Modular.ApiKeys.Owners;

internal sealed class ForgetRolesOfDeletedOrganization(ApiKeysDbContext db, KeyChanges changes, IBeforeCommit beforeCommit)
    : INotificationHandler<OrganizationDeleted>
{
    public Task Handle(OrganizationDeleted notification, CancellationToken cancellationToken)
    {
        var membership = OrganizationRole.In(notification.OrganizationId, OrganizationRole.Member);
        changes.OfMembers(membership);
        beforeCommit.Do(ct => db.ForgetRolesInAsync(notification.OrganizationId, membership, ct));
        return Task.CompletedTask;
    }
}
