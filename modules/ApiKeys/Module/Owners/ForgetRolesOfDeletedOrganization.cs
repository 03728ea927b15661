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
        beforeCommit.Do(ct => db.Database.ExecuteSqlAsync(
            $"""
            update api_keys.owners
            set organization_roles = array(
                select role from unnest(organization_roles) with ordinality as held (role, place)
                where split_part(role, ':', 2) <> {notification.OrganizationId.ToString()} order by place)
            where organization_roles @> array[{membership}]
            """,
            ct));
        return Task.CompletedTask;
    }
}
