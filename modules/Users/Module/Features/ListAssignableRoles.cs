using Carter;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.Users.Features;

/// <summary>The site roles, and which of them the caller may assign. 'member' is everybody's and not listed.</summary>
internal sealed class ListAssignableRoles : ICarterModule
{
    /// <summary>Built-in roles list no permissions; docs/permissions.md has them.</summary>
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

    public void AddRoutes(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v2/users/roles", (ICurrentUser caller) => caller.Required.May(Users.UserPermissions.ReadRoles)
                ? Json(StatusCodes.Status200OK, SiteRole.All.Where(role => role != SiteRole.Member).Select(role => Shown(role, caller.Required)).ToArray())
                : Refuse(Error.NotAllowed))
            .Requires(Users.UserPermissions.ReadRoles)
            .Describe(nameof(ListAssignableRoles), "Lists the site roles and whether the caller may assign them")
            .Answers<IReadOnlyList<AssignableRole>>(StatusCodes.Status200OK).Refuses(403);

    private static AssignableRole Shown(string role, Caller caller) =>
        new(role, "", SlimRole.Of(role).DisplayName, [], [], [], [], RoleAssignment.MayAssign(caller.Roles, role), BuiltIn: true);
}
