using System.Net;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>Listing tokens: keys-audit-preferences.md 3.4, K1 and K29 of 3.12.</summary>
[Collection(SharedApi.Name)]
public sealed class ListingTokensTests(ModularApi api)
{
    [Fact]
    public async Task Shows_a_users_tokens_with_the_name_of_their_owner_and_never_sessions()
    {
        var user = await api.RegisterUserAsync();
        Assert.Equal("[]", (await api.As(user).GetStringAsync(Tokens.Mine)).Trim());
        var token = await api.MakeTokenAsync(user);

        var listed = Assert.Single((await api.As(user).ReadAsync(Tokens.Mine)).EnumerateArray());
        Assert.Equal(user.Username, listed.Text("username"));
        var read = await api.KeyAsync(token);
        Assert.Equal(read.EnumerateObject().Count() + 1, listed.EnumerateObject().Count());
        Assert.All(read.EnumerateObject(), member => Assert.Equal($"{member.Value}", $"{listed.GetProperty(member.Name)}"));
    }

    [Theory]
    [InlineData("api_key:read", false)]
    [InlineData("api_key:read user:read", true)]
    public async Task Names_an_owner_only_to_a_key_that_may_read_users(string scopes, bool isNamed)
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user, Tokens.Request(scopes: scopes.Split(' ')));
        var listed = Assert.Single((await api.WithKey(token).ReadAsync(Tokens.Mine)).EnumerateArray());
        Assert.Equal(isNamed ? user.Username : "", listed.Text("username"));
    }

    [Fact]
    public async Task Has_no_tokens_of_deleted_users()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        using var owner = api.As(api.Owner);
        using (var deleted = await owner.DeleteAsync($"/api/v2/users/{user.Id}/keys/{Tokens.IdOf(token)}"))
        {
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        Assert.Contains(await IdsAsync(), id => id == Tokens.IdOf(token));
        await (await owner.DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.DoesNotContain(await IdsAsync(), id => id == Tokens.IdOf(token));

        async Task<IEnumerable<string>> IdsAsync() =>
            (await owner.ReadAsync($"{Tokens.Mine}?include_all=true&include_revoked=true&include_expired=true")).EnumerateArray().Select(listed => listed.Text("id"));
    }

    [Fact]
    public async Task Is_ordered_by_creation_then_id()
    {
        var user = await api.RegisterUserAsync();
        foreach (var name in new[] { "one", "two", "three", "four" })
        {
            await api.As(user).MakeTokenAsync(Tokens.Request(name: name));
        }

        await api.ExecuteAsync("update api_keys.keys set created_at = created_at - interval '1 hour' where user_id = $1 and token_name = 'four'", user.Id);
        Assert.Equal(["four", "one", "two", "three"], await api.As(user).TokenNamesAsync());

        await api.ExecuteAsync("update api_keys.keys set created_at = '2026-01-01' where user_id = $1", user.Id);
        var ids = (await api.As(user).ReadAsync(Tokens.Mine)).EnumerateArray().Select(token => token.Text("id")).ToArray();
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public async Task Leaves_out_nothing_and_doubles_nothing_where_a_list_is_long()
    {
        var user = await api.RegisterUserAsync();
        await api.StoreTokensAsync(user, 1_201);
        var names = await api.As(user).TokenNamesAsync();
        Assert.Equal(1_201, names.Length);
        Assert.Equal(1_201, names.Distinct().Count());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("?include_expired=true", true)]
    [InlineData("?include_expired=1", true)]
    [InlineData("?include_expired=t", true)]
    [InlineData("?include_expired=T", true)]
    [InlineData("?include_expired=TRUE", true)]
    [InlineData("?include_expired=True", true)]
    [InlineData("?include_expired=false", false)]
    [InlineData("?include_expired=0", false)]
    [InlineData("?include_expired=", false)]
    [InlineData("?include_expired", false)]
    [InlineData("?include_expired=tRUE", false)]
    [InlineData("?include_expired=yes", false)]
    [InlineData("?include_expired=2", false)]
    [InlineData("?include_expired=true&include_expired=false", true)]
    [InlineData("?include_expired=false&include_expired=true", false)]
    public async Task Hides_expired_ones_unless_asked_not_to(string query, bool shown)
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).MakeTokenAsync(Tokens.Request(name: "live"));
        await api.As(user).MakeTokenAsync(Tokens.Request(name: "expired"));
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() where user_id = $1 and token_name = 'expired'", user.Id);
        Assert.Equal(shown ? ["live", "expired"] : ["live"], await api.As(user).TokenNamesAsync(query: query));
    }

    [Theory]
    [InlineData("owner", true)]
    [InlineData("user-admin", false)]
    [InlineData("template-admin", false)]
    [InlineData("auditor", false)]
    [InlineData("", false)]
    public async Task Of_everybody_shows_what_the_caller_may_read(string role, bool everybodys)
    {
        var caller = await api.RegisterUserAsync(role.Length == 0 ? [] : [role]);
        var other = await api.RegisterUserAsync();
        await api.MakeTokenAsync(caller);
        await api.MakeTokenAsync(other);

        foreach (var (query, all) in new[] { ("?include_all=true", true), ("?include_all=nonsense", false), ("?include_all=false", false) })
        {
            var owners = (await api.As(caller).ReadAsync(Tokens.Mine + query)).EnumerateArray().Select(token => token.Text("username")).ToArray();
            Assert.Contains(caller.Username, owners);
            Assert.Equal(everybodys && all, owners.Contains(other.Username));
            if (!everybodys || !all)
            {
                Assert.Equal([caller.Username], owners);
            }
        }
    }

    [Fact]
    public async Task Of_everybody_needs_a_user_that_resolves_and_nothing_more_of_it()
    {
        var (user, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        await api.As(user).MakeTokenAsync(Tokens.Request(name: "mine"));
        Assert.Contains("mine", await api.As(api.Owner).TokenNamesAsync(other.Username, "?include_all=true"));
        Assert.Empty(await api.As(api.Owner).TokenNamesAsync(other.Username));
        using var unreadable = await api.As(user).GetAsync($"/api/v2/users/{other.Username}/keys/tokens?include_all=true");
        await unreadable.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("user-admin")]
    [InlineData("template-admin")]
    [InlineData("auditor")]
    public async Task Of_somebody_who_can_be_read_but_whose_keys_cannot_is_empty(string role)
    {
        var caller = await api.RegisterUserAsync(role);
        var other = await api.RegisterUserAsync();
        await api.MakeTokenAsync(other);
        Assert.Empty(await api.As(caller).TokenNamesAsync($"{other.Id}"));
    }

    [Fact]
    public async Task Can_be_had_in_pages()
    {
        var user = await api.RegisterUserAsync();
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            await api.As(user).MakeTokenAsync(Tokens.Request(name: name));
        }

        var ids = (await api.As(user).ReadAsync(Tokens.Mine)).EnumerateArray().Select(token => token.Text("id")).ToArray();
        Assert.Equal(["a", "b"], await api.As(user).TokenNamesAsync(query: "?limit=2"));
        Assert.Equal(["c", "d"], await api.As(user).TokenNamesAsync(query: $"?limit=2&after_id={ids[1]}"));
        Assert.Equal(["c", "d", "e"], await api.As(user).TokenNamesAsync(query: $"?after_id={ids[1]}"));
        Assert.Equal(["a", "b", "c", "d", "e"], await api.As(user).TokenNamesAsync(query: "?limit=0"));
        Assert.Empty(await api.As(user).TokenNamesAsync(query: "?after_id=AAAAAAAAAA"));
        Assert.Equal(["a", "b", "c", "d", "e"], await api.As(user).TokenNamesAsync(query: "?limit=&after_id="));
    }

    [Theory]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("after_id=short", "after_id")]
    [InlineData("after_id=%00%00%00%00%00%00%00%00%00%00", "after_id")]
    [InlineData("limit=1e3&after_id=01234-6789", "limit", "after_id")]
    public async Task What_is_wrong_with_a_page_is_named(string query, params string[] fields)
    {
        using var answer = await api.As(api.Owner).GetAsync($"{Tokens.Mine}?{query}");
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    [Fact]
    public async Task A_long_list_ends_at_its_limit_wherever_that_is()
    {
        var user = await api.RegisterUserAsync();
        await api.StoreTokensAsync(user, 1_001);
        foreach (var limit in new[] { 499, 500, 501, 1_000, 1_001, 1_002 })
        {
            Assert.Equal(Math.Min(limit, 1_001), (await api.As(user).TokenNamesAsync(query: $"?limit={limit}")).Distinct().Count());
        }
    }

    [Fact]
    public async Task A_cursor_tells_nothing_of_keys_that_cannot_be_read()
    {
        var (user, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        var foreign = Tokens.IdOf(await api.MakeTokenAsync(other));
        await api.MakeTokenAsync(user);
        Assert.Empty(await api.As(user).TokenNamesAsync(query: $"?after_id={foreign}"));
    }

    [Fact]
    public async Task And_everything_else_about_keys_is_404_below_a_deleted_user()
    {
        var user = await api.RegisterUserAsync();
        var token = Tokens.IdOf(await api.MakeTokenAsync(user));
        var live = Tokens.IdOf(api.Owner.Session);
        using var deleted = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}");
        await deleted.ShouldBeAsync(HttpStatusCode.OK);

        var owner = api.As(api.Owner);
        foreach (var name in new[] { $"{user.Id}", user.Username })
        {
            await (await owner.GetAsync($"/api/v2/users/{name}/keys/tokens")).ShouldRefuseAsync(HttpStatusCode.NotFound);
            await (await owner.GetAsync($"/api/v2/users/{name}/keys/tokens?include_all=true")).ShouldRefuseAsync(HttpStatusCode.NotFound);
            await (await owner.GetAsync($"/api/v2/users/{name}/keys/{live}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
            await (await owner.DeleteAsync($"/api/v2/users/{name}/keys/{live}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
            await (await owner.AskForTokenAsync(new { }, name)).ShouldRefuseAsync(HttpStatusCode.NotFound);
        }

        await (await owner.GetAsync($"/api/v2/users/me/keys/{token}")).ShouldRefuseAsync(HttpStatusCode.NotFound);
    }
}
