using System.Net;
using System.Text;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Permissions;

/// <summary>Requests to any route, made of what its slice says of it.</summary>
internal sealed class RouteRequests(ModularApi api)
{
    /// <summary>A request that succeeds for who may make it.</summary>
    internal async Task<HttpRequestMessage> MakeAsync(Routes.Declared route, ApiUser? target, string? missing)
    {
        var path = route.Pattern;
        foreach (var parameter in route.Parameters)
        {
            path = System.Text.RegularExpressions.Regex.Replace(
                path, $@"\{{\**{parameter}(:[^}}]*)?\}}", Uri.EscapeDataString(await ValueAsync(route, parameter, target, parameter == missing)));
        }

        path += string.Concat(route.NeededQuery.Select((parameter, i) => $"{(i == 0 ? '?' : '&')}{parameter.Name}={parameter.Example}"));
        var request = new HttpRequestMessage(new HttpMethod(route.Method), path);
        if (route.Name == "AnswerAgent")
        {
            request.Headers.Add("Accept", "application/json, text/event-stream");
        }

        if (route.Example is { } example)
        {
            var unique = People.NewName("w");
            request.Content = new StringContent(
                (route.Name == "LogIn" ? example.Replace("jane@example.com", "owner@example.com", StringComparison.Ordinal) : example)
                    .Replace("jane-doe", route.Name == "ChangeProfile" && target is not null ? target.Username : unique, StringComparison.Ordinal)
                    .Replace("jane@example.com", $"{unique}@example.com", StringComparison.Ordinal)
                    .Replace("name: tidy", missing == "skillName" ? "name: no-such" : "name: tidy", StringComparison.Ordinal)
                    .Replace("\"operations\"", $"\"{unique}\"", StringComparison.Ordinal),
                Encoding.UTF8,
                route.MediaType);
        }

        return request;
    }

    private async Task<string> ValueAsync(Routes.Declared route, string parameter, ApiUser? target, bool missing)
    {
        switch (parameter)
        {
            case "user":
                return (missing ? Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) : target!.Id).ToString();
            case "organization":
                return (missing ? Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) : await OrganizationAsync(target, isMember: route.Name != "AddMember")).ToString();
            case "organizationname":
                return missing ? "no-such" : "default";
            case "name":
                return missing ? "no-such" : "user-skills";
            case "keyid":
                return missing || target is null ? "abcdefghij" : NeedsSession(route) ? target.Session[..10] : (await TokenAsync(target))[..10];
            case "keyname":
                return missing || target is null ? "no-such" : await TokenNameAsync(target);
            case "skillName":
                if (!missing && target is not null)
                {
                    using var made = await api.As(target).PostAsync(
                        $"/api/experimental/users/{target.Id}/skills", new StringContent(Routes.Of("CreateSkill").Example!));
                    await made.ShouldBeAsync(HttpStatusCode.Created);
                }

                return missing ? "no-such" : "tidy";
            case "version":
                return missing ? "999" : "1";
            case "template_id":
                return Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
            case "path":
                return "index.html";
            default:
                throw new InvalidOperationException($"The walk knows no value for {{{parameter}}} of {route.Name}.");
        }
    }

    private static bool NeedsSession(Routes.Declared route) => route.Name == "EndSession";

    private async Task<string> TokenNameAsync(ApiUser user)
    {
        var id = (await TokenAsync(user))[..10];
        return (await api.As(api.Owner).ReadAsync($"/api/v2/users/me/keys/{id}")).Text("token_name");
    }

    private async Task<string> TokenAsync(ApiUser user)
    {
        using var made = await api.As(api.Owner).PostAsync($"/api/v2/users/{user.Id}/keys/tokens", new StringContent("{}"));
        return (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
    }

    private async Task<Guid> OrganizationAsync(ApiUser? member, bool isMember)
    {
        using var made = await api.As(api.Owner).PostAsync("/api/v2/organizations", new StringContent($$"""{"name":"{{People.NewName("o")}}"}"""));
        var organization = (await made.ShouldBeAsync(HttpStatusCode.Created)).Id();
        if (member is not null && isMember)
        {
            using var added = await api.As(api.Owner).PostAsync($"/api/v2/organizations/{organization}/members/{member.Id}", null);
            await added.ShouldBeAsync(HttpStatusCode.OK);
        }

        return organization;
    }

    /// <summary>Whom a call is about: new for each, as many end it. Logged in only where the request needs something of the user's own.</summary>
    internal async Task<ApiUser> TargetAsync(Routes.Declared route)
    {
        if (route.Parameters.Contains("skillName") || NeedsSession(route))
        {
            return await api.RegisterUserAsync();
        }

        var username = People.NewName();
        return new ApiUser(await api.ImportUserAsync(username, "dormant"), username, "");
    }
}
