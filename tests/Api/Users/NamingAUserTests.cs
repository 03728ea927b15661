using System.Net;
using System.Text;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>What <c>{user}</c> may be in a path: users-and-auth.md 6.</summary>
[Collection(SecondApi.Name)]
public sealed class NamingAUserTests(ModularApi api)
{
    private static readonly string[] keysOnly = ["api_key:read"];

    public static TheoryData<string, Func<ApiUser, string>> Spellings => new()
    {
        { "id", user => user.Id.ToString() },
        { "id in capitals", user => user.Id.ToString().ToUpperInvariant() },
        { "id without hyphens", user => user.Id.ToString("N") },
        { "id in braces", user => Uri.EscapeDataString(user.Id.ToString("B")) },
        { "id as urn", user => "urn:uuid:" + user.Id },
        { "id as escaped urn", user => Uri.EscapeDataString("URN:UUID:" + user.Id) },
        { "username", user => user.Username },
        { "username in capitals", user => user.Username.ToUpperInvariant() },
        { "escaped username", user => "%" + Convert.ToHexString(Encoding.ASCII.GetBytes(user.Username[..1])) + user.Username[1..] },
    };

    public static TheoryData<string, Func<ApiUser, string>> NoSpellings => new()
    {
        { "email", user => $"{user.Username}@example.com" },
        { "ME", _ => "ME" },
        { "Me", _ => "Me" },
        { "blank", _ => "%20" },
        { "blank before", user => "%20" + user.Username },
        { "blank behind the id", user => user.Id + "%20" },
        { "id in parentheses", user => user.Id.ToString("P") },
        { "half of the name", user => user.Username[..^1] },
        { "wildcard", user => user.Username[..^1] + "%25" },
        { "look-alike", user => "\u212a" + user.Username[1..] },
        { "not utf-8", _ => "%FF" },
        { "slash", user => user.Username + "%2F" },
        { "zero id", _ => Guid.Empty.ToString() },
    };

    [Theory, MemberData(nameof(Spellings))]
    public async Task Works_by(string spelling, Func<ApiUser, string> spell)
    {
        var user = await api.RegisterUserAsync();
        Assert.NotEmpty(spelling);
        foreach (var reader in new[] { api.As(api.Owner), api.As(user) })
        {
            Assert.Equal(user.Id, (await reader.ReadAsync($"/api/v2/users/{spell(user)}")).Id());
            await reader.ReadAsync($"/api/v2/users/{spell(user)}/keys/tokens");
        }
    }

    [Theory, MemberData(nameof(NoSpellings))]
    public async Task Is_404_by(string spelling, Func<ApiUser, string> spell)
    {
        var name = People.NewName("k");
        await api.CreateAsync(api.Request(name));
        Assert.NotEmpty(spelling);
        using var answer = await api.As(api.Owner).GetAsync($"/api/v2/users/{spell(new ApiUser(Guid.Empty, name, ""))}");
        await answer.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Me_is_the_caller()
    {
        var user = await api.RegisterUserAsync();
        Assert.Equal(user.Id, (await api.As(user).ReadAsync("/api/v2/users/me")).Id());
    }

    [Fact]
    public async Task An_empty_name_is_no_service_account()
    {
        await api.CreateAsync(api.ServiceAccount());
        using var answer = await api.As(api.Owner).GetAsync("/api/v2/users//keys/tokens");
        await answer.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_deleted_user_is_found_by_id_alone_and_only_by_who_may_read_users()
    {
        var user = await api.RegisterUserAsync();
        using var deletion = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}");
        await deletion.ShouldBeAsync(HttpStatusCode.OK);

        var record = await api.As(api.Owner).ReadAsync($"/api/v2/users/{user.Id}");
        Assert.Equal((user.Id, user.Username), (record.Id(), record.Text("username")));
        Assert.Empty(record.GetProperty("organization_ids").EnumerateArray());
        await api.As(await api.RegisterUserAsync("auditor")).ReadAsync($"/api/v2/users/{user.Id}");
        using var byName = await api.As(api.Owner).GetAsync($"/api/v2/users/{user.Username}");
        await byName.ShouldRefuseAsync(HttpStatusCode.NotFound);
        using var byMember = await api.As(await api.RegisterUserAsync()).GetAsync($"/api/v2/users/{user.Id}");
        await byMember.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("DELETE", "", null)]
    [InlineData("GET", "/keys/tokens", null)]
    [InlineData("POST", "/keys/tokens", "{}")]
    [InlineData("GET", "/keys/0123456789", null)]
    [InlineData("DELETE", "/keys/0123456789", null)]
    [InlineData("GET", "/appearance", null)]
    [InlineData("PUT", "/appearance", """{"theme_preference":"dark","terminal_font":"fira-code"}""")]
    public async Task Everything_else_below_a_deleted_user_is_404(string method, string below, string? body)
    {
        var user = await api.RegisterUserAsync();
        using var deletion = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}");
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v2/users/{user.Id}{below}");
        request.Content = body is null ? null : new StringContent(body);
        using var answer = await api.As(api.Owner).SendAsync(request);
        await answer.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("GET", "/keys/tokens")]
    [InlineData("POST", "/keys/tokens")]
    [InlineData("GET", "/keys/0123456789")]
    [InlineData("DELETE", "/keys/0123456789")]
    [InlineData("GET", "/appearance")]
    [InlineData("PUT", "/appearance")]
    public async Task A_missing_and_an_unreadable_user_are_404_whatever_else_is_wrong(string method, string below)
    {
        var member = api.As(await api.RegisterUserAsync());
        foreach (var user in new[] { "nobody", api.Owner.Username, api.Owner.Id.ToString() })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v2/users/{user}{below}");
            request.Content = method is "POST" or "PUT" ? new StringContent("{bad") : null;
            using var answer = await member.SendAsync(request);
            await answer.ShouldRefuseAsync(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Needs_the_scope_to_read_users_except_as_me()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user, new { scopes = keysOnly });
        var client = api.WithKey(token);
        await client.ReadAsync("/api/v2/users/me/keys/tokens");
        using var byId = await client.GetAsync($"/api/v2/users/{user.Id}/keys/tokens");
        await byId.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }
}
