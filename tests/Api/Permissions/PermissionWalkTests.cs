using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Permissions;

/// <summary>
/// Walks every route with every kind of caller, on what exists and on what does not, and holds the answers against what the route and
/// the permission table say. What looks absent must look so to the byte.
/// </summary>
[Collection(SecondApi.Name)]
public sealed class PermissionWalkTests(ModularApi api)
{
    private static readonly string[] others = [SiteRole.Member, SiteRole.UserAdmin, SiteRole.TemplateAdmin, SiteRole.Auditor, SiteRole.Owner];

    /// <summary>Rules beyond permissions: what a caller may not do to itself, or only to itself. Each with its place in users-and-auth.md.</summary>
    private static readonly Dictionary<(string Route, bool Self), HttpStatusCode> rules = new()
    {
        [("AssignRoles", true)] = HttpStatusCode.BadRequest, // 14, row 3
        [("SuspendUser", true)] = HttpStatusCode.BadRequest, // 15, row 2
        [("AssignOrganizationRoles", true)] = HttpStatusCode.BadRequest, // 25
        [("RemoveMember", true)] = HttpStatusCode.BadRequest, // 25
        [("ReadLoginType", false)] = HttpStatusCode.Forbidden, // 16
        [("ConvertLogin", true)] = HttpStatusCode.BadRequest, // 22, row 4: no provider is configured here
        [("ConvertLogin", false)] = HttpStatusCode.Forbidden, // 22, row 2
        [("ReadOidcClaims", false)] = HttpStatusCode.BadRequest, // 20: nobody signs in through a provider here
        [("CreateFirstUser", false)] = HttpStatusCode.Conflict, // 9
        [("TellAgent", false)] = HttpStatusCode.NotAcceptable, // The walk accepts no stream, which would never end.
    };

    private static Task<Dictionary<string, ApiUser>>? callers;

    private readonly RouteRequests requests = new(api);

    public static TheoryData<string> AllRoutes => [.. Routes.Names];

    [Theory]
    [MemberData(nameof(AllRoutes))]
    public async Task Answers_every_caller_as_the_table_says(string name)
    {
        var route = Routes.Of(name);
        Assert.True(!route.ReadsBody || route.Example is not null, $"{name} reads a body and gives no example of one.");
        await api.TurnAsync("user-skills", on: true);
        var known = await (callers ??= CallersAsync());

        // Every UUID names a template.
        foreach (var missing in route.Parameters.Where(parameter => parameter != "template_id").Prepend(null))
        {
            foreach (var stranger in (string?[])[null, "suspended", "deleted"])
            {
                await CheckAsync(route, stranger, stranger is null ? null : known[stranger], null, missing, [], self: false);
            }

            foreach (var role in others)
            {
                await CheckAsync(route, role, known[role], null, missing, [role], self: false);
            }

            if (route.Parameters.Contains("user"))
            {
                var user = await api.RegisterUserAsync();
                await CheckAsync(route, "self", user, user, missing, [], self: true);
            }
        }
    }

    [Fact]
    public void A_route_without_an_entry_stops_the_start()
    {
        // What holds the walk's list complete: see RouteAccess and CompositionTests.
        Assert.All(Routes.Names, name => Assert.NotNull(Routes.Of(name).Access));
    }

    private async Task CheckAsync(
        Routes.Declared route, string? who, ApiUser? caller, ApiUser? target, string? missing, string[] roles, bool self)
    {
        target ??= route.Parameters.Contains("user") && missing != "user" ? await requests.TargetAsync(route) : null;
        var key = caller is null ? null
            : route.Name == "LogOut" && who is not ("suspended" or "deleted") ? await api.MakeTokenAsync(caller)
            : caller.Session;
        using var request = await requests.MakeAsync(route, target, missing);
        using var client = key is null ? api.Anonymous : api.WithKey(key);
        using var answer = await client.SendAsync(request);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        var line = $"{route.Method} {route.Pattern} by {who ?? "nobody"}{(missing is null ? "" : $", {{{missing}}} missing")}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(bytes)}";

        var (expected, absent) = Expected(route, caller, roles, self, missing, valid: who is not (null or "suspended" or "deleted"));
        Assert.True(expected.Contains(answer.StatusCode), $"{line}\n  expected {string.Join(" or ", expected.Select(status => (int)status))}");
        if (absent)
        {
            Assert.True(Enumerable.SequenceEqual(bytes, await AbsentAsync()), $"{line}\n  looks different from what is not there");
        }
        else if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            var body = JsonDocument.Parse(bytes).RootElement;
            Assert.True(body.Text("message").Length > 0 && body.Text("detail").Length > 0, line);
        }
    }

    private (HttpStatusCode[] Statuses, bool LooksAbsent) Expected(
        Routes.Declared route, ApiUser? caller, string[] roles, bool self, string? missing, bool valid)
    {
        var table = api.Services.GetRequiredService<PermissionTable>();
        var access = route.Access;
        if (access.Kind == RouteAccessKind.Anonymous)
        {
            return rules.TryGetValue((route.Name, false), out var always)
                ? ([always], false)
                : ([HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.NoContent, HttpStatusCode.Redirect, HttpStatusCode.BadRequest], false);
        }

        if (caller is null || !valid)
        {
            return ([access.Otherwise == WithoutPermission.UnknownPath ? HttpStatusCode.NotFound : HttpStatusCode.Unauthorized], false);
        }

        var readable = missing != "user" && table.Allows(roles, new Permission("user", "read"), own: self);
        if (route.Parameters.Contains("user") && !readable)
        {
            return ([HttpStatusCode.NotFound], true);
        }

        // Everybody is in the default organization, and whoever is tried on itself is in the one that is tried, unless it is to be added.
        var place = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var isMember = route.Parameters.Contains("organizationname") || (self && route.Name != "AddMember");
        IReadOnlyCollection<string> held = isMember ? [.. roles, OrganizationRole.In(place, OrganizationRole.Member)] : roles;
        if (route.Parameters.Contains("organization") && (missing == "organization" || !May(new Permission("organization", "read"))))
        {
            return ([HttpStatusCode.NotFound], true);
        }

        var holds = access.OneOnOwn
            ? access.Permissions.Any(permission => table.Allows(held, permission, own: true))
            : access.Permissions.All(May);
        var sees = access.ToSee is not { } toSee || May(toSee);
        if (rules.TryGetValue((route.Name, self), out var rule) && missing is null)
        {
            return ([rule], false);
        }

        if (!sees)
        {
            return ([HttpStatusCode.NotFound], true);
        }

        if (missing is not null && (holds || access.Otherwise == WithoutPermission.NotFound))
        {
            return ([HttpStatusCode.NotFound], true);
        }

        return (holds, access.Otherwise) switch
        {
            (true, _) => ([HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.NoContent], false),
            (_, WithoutPermission.UnknownPath) => ([HttpStatusCode.NotFound], false),
            (_, WithoutPermission.Less) => ([HttpStatusCode.OK], false),
            (_, WithoutPermission.NotFound) => ([HttpStatusCode.NotFound], true),

            // Whether what the path names exists is told to who may see it.
            _ when missing is not null => ([HttpStatusCode.Forbidden, HttpStatusCode.NotFound], false),
            _ => ([HttpStatusCode.Forbidden], false),
        };

        bool May(Permission permission) => table.Allows(held, permission, own: self, organization: place);
    }

    private async Task<byte[]> AbsentAsync()
    {
        using var answer = await api.As(api.Owner).GetAsync($"/api/v2/users/{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}");
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private async Task<Dictionary<string, ApiUser>> CallersAsync()
    {
        var known = new Dictionary<string, ApiUser>();
        foreach (var role in others)
        {
            known[role] = await api.RegisterUserAsync(role);
        }

        known["suspended"] = await api.RegisterUserAsync();
        using var suspended = await api.As(api.Owner).PutAsync($"/api/v2/users/{known["suspended"].Id}/status/suspend", null);
        await suspended.ShouldBeAsync(HttpStatusCode.OK);
        known["deleted"] = await api.RegisterUserAsync();
        using var deleted = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{known["deleted"].Id}");
        await deleted.ShouldBeAsync(HttpStatusCode.OK);
        return known;
    }
}
