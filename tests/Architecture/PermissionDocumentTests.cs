using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Modular.Host;
using Modular.Host.Startup;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Tests.Architecture;

/// <summary>docs/permissions.md is printed from the code. A stale one fails; MODULAR_UPDATE_DOCS=1 writes it anew.</summary>
public sealed class PermissionDocumentTests
{
    private static readonly string[] siteRoles = [SiteRole.Member, SiteRole.Owner, SiteRole.UserAdmin, SiteRole.TemplateAdmin, SiteRole.Auditor];

    [Fact]
    public async Task The_document_says_what_the_code_does()
    {
        await using var app = ModularServer.Build(["--ConnectionStrings:Modular", "Host=nowhere"], ModuleCatalog.All);
        var text = Print(
            app.Services.GetRequiredService<PermissionTable>(),
            [.. app.Services.GetServices<IModule>()],
            [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()]);

        var path = Path.Combine(Path.GetDirectoryName(Here())!, "../../docs/permissions.md");
        if (Environment.GetEnvironmentVariable("MODULAR_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, text);
        }

        Assert.True(
            File.Exists(path) && await File.ReadAllTextAsync(path) == text,
            "docs/permissions.md is stale. Run: MODULAR_UPDATE_DOCS=1 dotnet test tests/Architecture");
    }

    private static string Print(PermissionTable table, IReadOnlyList<IModule> modules, IReadOnlyList<RouteEndpoint> routes)
    {
        var text = new StringBuilder();
        text.Append(
            """
            # Permissions

            Printed from the code by a test; do not edit. Each module contributes its grants and its routes; a further test walks every route
            with every role, on what exists and on what does not, and compares the answers with this.

            ## What each role may do

            "own" reaches the caller's own resources, everything else anybody's and those that are nobody's. Everybody is a member; a role adds to
            that. What a key may do is what its owner may do, narrowed by the key's scopes and allow list.


            """);
        AppendRoles(text, table, siteRoles, "site role");
        text.Append(
            """

            ## What each role may do in its organization

            "everywhere" reaches beyond the organization. Every member of an organization has organization-member.


            """);
        AppendRoles(text, table, [.. OrganizationRole.All.Where(role => table.Grants.Any(grant => grant.Role == role))], "organization role");
        text.Append(
            """

            ## Who may assign which role

            Taking a role away needs the same right as giving it. Nobody changes the own roles, and nobody writes to the account of another person
            who holds a role that the writer neither holds nor may assign.

            | holder | assigns |
            |---|---|

            """);
        var organization = Guid.Empty;
        foreach (var holder in siteRoles.Concat(OrganizationRole.All.Select(role => OrganizationRole.In(organization, role))))
        {
            var assigned = SiteRole.All.Concat(OrganizationRole.All.Select(role => OrganizationRole.In(organization, role)))
                .Where(role => RoleAssignment.MayAssign([holder], role))
                .Select(role => OrganizationRole.Read(role).Name)
                .ToArray();
            if (assigned.Length > 0)
            {
                text.Append($"| {OrganizationRole.Read(holder).Name} | {string.Join(", ", assigned)} |\n");
            }
        }

        text.Append(
            """

            ## What each route needs

            A route with `{user}` or `{organization}` is first of all 404 for who may not read that. "otherwise" is the answer to who lacks the
            permission: 403, 404 as if it were not there, or less of a list.

            | module | route | needs | otherwise |
            |---|---|---|---|

            """);
        foreach (var (module, line) in routes.Select(route => (Module: ModuleOf(route), Line: Line(route))).OrderBy(row => Order(row.Module)).ThenBy(row => row.Line, StringComparer.Ordinal))
        {
            text.Append($"| {module} | {line} |\n");
        }

        return text.ToString();

        int Order(string module) => modules.Select((known, place) => (known.Name, place)).FirstOrDefault(known => known.Name == module).place;
    }

    private static void AppendRoles(StringBuilder text, PermissionTable table, IReadOnlyList<string> roles, string title)
    {
        text.Append($"| {title} | resource | actions |\n|---|---|---|\n");
        foreach (var role in roles)
        {
            foreach (var grant in table.Grants.Where(grant => grant.Role == role))
            {
                var reach = grant.Reach switch
                {
                    Reach.Own => " (own)",
                    Reach.Any when OrganizationRole.All.Contains(role) => " (everywhere)",
                    _ => "",
                };
                foreach (var resource in grant.Permissions.GroupBy(permission => permission.Resource))
                {
                    text.Append($"| {role} | {resource.Key}{reach} | {string.Join(", ", resource.Select(permission => permission.Action))} |\n");
                }
            }
        }
    }

    private static string ModuleOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.ITagsMetadata>()?.Tags is [var module, ..] ? module : "Host";

    private static string Line(RouteEndpoint route)
    {
        var access = route.Metadata.GetMetadata<RouteAccess>()!;
        var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is [var only, ..] ? only : "GET";
        var needs = access.Kind switch
        {
            RouteAccessKind.Anonymous => "nothing",
            RouteAccessKind.AnyKey => "any key",
            _ => string.Join(access.OneOnOwn ? " or " : ", ", access.Permissions.Select(permission => $"`{permission}`"))
                + (access.OneOnOwn ? " (own)" : "")
                + (access.ToSee is { } see ? $", and `{see}` to see it" : ""),
        };
        var otherwise = access.Kind != RouteAccessKind.Permission ? "" : access.Otherwise switch
        {
            WithoutPermission.NotFound => "404",
            WithoutPermission.UnknownPath => "unknown path",
            WithoutPermission.Less => "less",
            _ => "403",
        };
        return $"`{method} {route.RoutePattern.RawText}` | {needs} | {otherwise}";
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
