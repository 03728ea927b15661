using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Modular.ApiKeys.Domain;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Modular.Tests.Api.ApiKeys;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Permissions;

/// <summary>
/// Every route, with an owner's keys of every width, presented in every way: what a key does not hold is refused, what it holds is not.
/// </summary>
[Collection(SharedApi.Name)]
public sealed class KeyMatrixTests(ModularApi api)
{
    /// <summary>A scope that no route of this server asks for.</summary>
    private const string Foreign = "file:read";

    /// <summary>What an account could be taken over with: keys-audit-preferences.md 4.4.</summary>
    private static readonly HashSet<string> onlyWholeKeys = ["ChangePassword", "ConvertLogin", "AssignRoles", "AssignOrganizationRoles", "ChangeProfile", "ImportUsers"];

    /// <summary>Refused to an owner for other reasons than rights: PermissionWalkTests has them.</summary>
    private static readonly HashSet<string> refusedAnyway = ["ReadLoginType", "ConvertLogin", "ReadOidcClaims"];

    /// <summary>The example asks for a key of full width, or for the secret of one.</summary>
    private static readonly HashSet<string> asksForEverything = ["CreateToken", "RotateKey"];

    private readonly RouteRequests requests = new(api);
    private ApiUser owner = null!;
    private ModularApi.OtherServer server = null!;
    private HashSet<string> requestable = [];

    /// <summary>The owner's keys by what they hold: routes that ask for the same are tried with the same key.</summary>
    private readonly Dictionary<string, string> keys = [];

    [Fact]
    public async Task A_key_opens_what_it_holds_however_it_is_presented()
    {
        await api.TurnAsync("user-skills", on: true);
        owner = await api.RegisterUserAsync("owner");
        await using var other = await api.StartAnotherAsync(new() { ["Modular:Tokens:AllowQueryParameter"] = "true" }, sameDatabase: true);
        server = other;
        requestable = [.. (await api.Anonymous.ReadAsync("/api/v2/auth/scopes")).Texts("external")];
        foreach (var route in Routes.Names.Select(Routes.Of).Where(route => route.Access.Kind != RouteAccessKind.Anonymous))
        {
            await CheckAsync(route);
        }
    }

    private async Task CheckAsync(Routes.Declared route)
    {
        Permission[] needed = [.. route.Access.Permissions, .. route.Access.ToSee is { } toSee ? [toSee] : Array.Empty<Permission>()];
        var types = needed.Select(permission => permission.Resource).Append("user").Append("organization").Distinct().ToArray();
        string[] lookups = ["user:read", "organization:read"];
        string[] exact = [.. needed.Select(permission => permission.ToString()).Concat(lookups).Distinct()];
        string[] wildcard = [.. types.Select(type => $"{type}:*")];
        string[] everyType = [.. types.Select(type => $"{type}:*")];

        await CheckAsync(route, null, null, needed);
        await CheckAsync(route, [Foreign], null, needed);
        await CheckAsync(route, Requestable(exact), null, needed);
        await CheckAsync(route, Requestable(wildcard), null, needed);
        await CheckAsync(route, ["coder:all"], null, needed);
        await CheckAsync(route, ["coder:all"], ["workspace:*"], needed);
        await CheckAsync(route, ["coder:all"], await AllowableAsync(everyType), needed);
        await CheckAsync(route, Requestable(exact), await AllowableAsync(everyType), needed);
    }

    private async Task CheckAsync(Routes.Declared route, string[]? scopes, string[]? allowList, Permission[] needed)
    {
        ApiUser? target = null;
        string? key = null;
        foreach (var presentation in (string[])["cookie", "header", "bearer", "query"])
        {
            // Whom a request was refused is whole, and so is the key that made it.
            target ??= route.Parameters.Contains("user") ? await requests.TargetAsync(route) : null;
            using var request = await requests.MakeAsync(route, target, missing: null);
            if (scopes is not null)
            {
                key ??= route.Name == "LogOut" ? await api.As(owner).MakeTokenAsync(Tokens.Request(scopes, allowList)) : await KeyAsync(scopes, allowList);
                Present(request, presentation, key);
            }

            using var answer = await server.Client().SendAsync(request);
            var line = $"{route.Name} by {presentation} with {string.Join(',', scopes ?? ["no key"])} on {string.Join(',', allowList ?? ["*:*"])}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
            var refused = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound;
            if (!refused || route.Parameters.Contains("skillName"))
            {
                (target, key) = (null, route.Name == "LogOut" ? null : key);
            }

            if (scopes is null)
            {
                Assert.True(
                    answer.StatusCode == (route.Access.Otherwise == WithoutPermission.UnknownPath ? HttpStatusCode.NotFound : HttpStatusCode.Unauthorized), line);
            }
            else if (!Holds(route, scopes, allowList, needed))
            {
                Assert.True(refused || (route.Access.Otherwise == WithoutPermission.Less && answer.StatusCode == HttpStatusCode.OK), line);
            }
            else if (!refusedAnyway.Contains(route.Name) && (IsWhole(scopes, allowList) || !asksForEverything.Contains(route.Name)))
            {
                Assert.False(refused, line);
            }
        }
    }

    private static bool IsWhole(string[] scopes, string[]? allowList) => scopes is ["coder:all"] && allowList is null;

    private bool Holds(Routes.Declared route, string[] scopes, string[]? allowList, Permission[] needed)
    {
        var table = server.Services.GetRequiredService<PermissionTable>();
        if ((onlyWholeKeys.Contains(route.Name) && !IsWhole(scopes, allowList))
            || !needed.All(permission => table.Allows([SiteRole.Owner], permission, own: false)))
        {
            return false;
        }

        Permission[] lookups =
        [
            .. route.Parameters.Contains("user") ? [new Permission("user", "read")] : Array.Empty<Permission>(),
            .. route.Parameters.Any(parameter => parameter.StartsWith("organization", StringComparison.Ordinal))
                ? [new Permission("organization", "read")]
                : Array.Empty<Permission>(),
        ];
        return needed.Concat(lookups).All(permission =>
            (scopes.Contains("coder:all") || scopes.Contains(permission.ToString()) || scopes.Contains($"{permission.Resource}:*")
                || (permission.Action == "end_session" && scopes.Contains("api_key:delete")))
            && (allowList is null || allowList.Contains($"{permission.Resource}:*")));
    }

    private async Task<string> KeyAsync(string[] scopes, string[]? allowList)
    {
        var holds = $"{string.Join(' ', scopes)} on {string.Join(' ', allowList ?? ["*:*"])}";
        if (!keys.TryGetValue(holds, out var key))
        {
            key = await api.As(owner).MakeTokenAsync(Tokens.Request(scopes, allowList));
            keys.Add(holds, key);
        }

        return key;
    }

    private static void Present(HttpRequestMessage request, string presentation, string key)
    {
        switch (presentation)
        {
            case "cookie":
                request.Headers.Add("Cookie", $"coder_session_token={key}");
                request.Headers.Add("Sec-Fetch-Site", "same-origin");
                break;
            case "header":
                request.Headers.Add("Coder-Session-Token", key);
                break;
            case "bearer":
                request.Headers.Authorization = new("Bearer", key);
                break;
            default:
                var path = request.RequestUri!.OriginalString;
                request.RequestUri = new Uri($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}coder_session_token={key}", UriKind.Relative);
                break;
        }
    }

    /// <summary>Those of the names that a key can have; at least one, which opens nothing.</summary>
    private string[] Requestable(string[] scopes) => scopes.Where(requestable.Contains).ToArray() is { Length: > 0 } some ? some : [Foreign];

    private async Task<string[]> AllowableAsync(string[] entries)
    {
        var catalog = server.Services.GetRequiredService<ScopeCatalog>();
        await using var scope = server.Services.CreateAsyncScope();
        var allowable = new List<string>();
        foreach (var entry in entries)
        {
            if (await catalog.IsResourceTypeAsync(entry.Split(':')[0], new Everything()))
            {
                allowable.Add(entry);
            }
        }

        return [.. allowable];
    }

    private sealed class Everything : IExperiments
    {
        public ValueTask<bool> IsOnAsync(string featureFlag) => ValueTask.FromResult(true);
    }
}
