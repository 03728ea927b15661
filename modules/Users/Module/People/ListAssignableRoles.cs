using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.People;

/// <summary>The roles that are assigned, and which of them the caller may assign.</summary>
internal static class ListAssignableRoles
{
    /// <summary>Built-in roles list no permissions; docs/permissions.md has them.</summary>
    [AnswerExample(
        """
        {"name":"user-admin","organization_id":"","display_name":"User Admin","site_permissions":[],"organization_permissions":[],
        "user_permissions":[],"organization_member_permissions":[],"assignable":true,"built_in":true}
        """)]
    internal sealed record AssignableRole(
        string Name,
        string OrganizationId,
        string DisplayName,
        IReadOnlyList<string> SitePermissions,
        IReadOnlyList<string> OrganizationPermissions,
        IReadOnlyList<string> UserPermissions,
        IReadOnlyList<string> OrganizationMemberPermissions,
        bool Assignable,
        bool BuiltIn);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            // 'member' is everybody's and not listed.
            app.MapGet("/api/v2/users/roles", (ICurrentUser caller) =>
                    Json(SiteRole.All.Where(role => role != SiteRole.Member).Select(role => Shown(role, null, caller.Required)).ToArray()))
                .Requires(UserPermissions.ReadRoles)
                .Describe(
                    nameof(ListAssignableRoles),
                    "Lists the site roles and whether the caller may assign them",
                    "All site roles, each with whether the caller may assign it to others.")
                .Answers<IReadOnlyList<AssignableRole>>().Refuses(403);

            app.MapGet("/api/v2/organizations/{organization}/members/roles", async (
                    string organization, ICurrentUser caller, UsersDbContext db, CancellationToken ct) =>
                {
                    var id = await db.Organizations.ReadableBy(caller.Required).Called(organization).Select(o => (Guid?)o.Id).SingleOrDefaultAsync(ct);
                    return id is null ? Refusal(Error.ResourceNotFound)
                        : !caller.Required.May(UserPermissions.ReadOrganizationRoles, organization: id) ? Refusal(Error.NotAllowed)
                        : Json(OrganizationRole.All.Where(role => role != OrganizationRole.Member).Select(role => Shown(role, id, caller.Required)).ToArray());
                })
                .HandlerRequires(UserPermissions.ReadOrganizationRoles)
                .Describe(
                    "ListAssignableOrganizationRoles",
                    "Lists the roles of an organization and whether the caller may assign them",
                    "Each with whether the caller may assign it there.")
                .Answers<IReadOnlyList<AssignableRole>>().Refuses(403, 404);
        }
    }

    private static AssignableRole Shown(string role, Guid? organization, Caller caller) => new(
        role,
        organization?.ToString() ?? "",
        SlimRole.Of(role).DisplayName,
        [],
        [],
        [],
        [],
        RoleAssignment.MayAssign(caller.Roles, organization is { } id ? OrganizationRole.In(id, role) : role),
        BuiltIn: true);
}
