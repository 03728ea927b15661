using System.Net;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Order, pages and counts of the list: users-and-auth.md 7 and 7.1. Every test picks out its own users by a name of theirs.</summary>
[Collection(SecondApi.Name)]
public sealed class ListingUsersTests(ModularApi api)
{
    private static readonly string[] keysOnly = ["api_key:read"];
    private static readonly string[] usersOnly = ["user:read"];

    [Theory]
    [InlineData("limit=1", 0, 1, 10)]
    [InlineData("limit=0", 0, 10, 10)]
    [InlineData("limit=100", 0, 10, 10)]
    [InlineData("offset=1", 1, 9, 10)]
    [InlineData("limit=3&offset=8", 8, 2, 10)]
    [InlineData("offset=9", 9, 1, 10)]
    [InlineData("offset=10", 0, 0, 0)]
    [InlineData("offset=11", 0, 0, 0)]
    public async Task By_limit_and_offset(string paging, int skipped, int returned, int count)
    {
        var (tag, users) = await TenUsersAsync();
        var list = await ListAsync($"{paging}&q=name:{tag}");
        Assert.Equal(users.Skip(skipped).Take(returned), Names(list));
        Assert.Equal(count, list.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Has_users_and_count_and_nothing_else()
    {
        var list = await ListAsync($"q=name:{People.NewName()}");
        Assert.Equal("""{"users":[],"count":0}""", list.GetRawText());
    }

    [Fact]
    public async Task Behind_a_cursor_counts_what_is_behind_it()
    {
        var (tag, users) = await TenUsersAsync();
        var sixth = (await api.As(api.Owner).ReadAsync($"/api/v2/users/{users[5]}")).Id();
        var list = await ListAsync($"after_id={sixth}&q=name:{tag}");
        Assert.Equal(users[6..], Names(list));
        Assert.Equal(4, list.GetProperty("count").GetInt32());

        var page = await ListAsync($"after_id={sixth}&limit=1&offset=1&q=name:{tag}");
        Assert.Equal([users[7]], Names(page));
        Assert.Equal(4, page.GetProperty("count").GetInt32());

        var last = (await api.As(api.Owner).ReadAsync($"/api/v2/users/{users[9]}")).Id();
        Assert.Equal(0, (await ListAsync($"after_id={last}&q=name:{tag}")).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Walks_by_cursor_by_offset_and_without_a_limit_are_one_sequence()
    {
        var (tag, users) = await TenUsersAsync();
        Assert.Equal(users, Names(await ListAsync($"q=name:{tag}")));

        var byOffset = new List<string>();
        for (var offset = 0; offset < 12; offset += 3)
        {
            byOffset.AddRange(Names(await ListAsync($"limit=3&offset={offset}&q=name:{tag}")));
        }

        Assert.Equal(users, byOffset);

        var byCursor = new List<string>();
        var cursor = "";
        while (true)
        {
            var page = (await ListAsync($"limit=3&after_id={cursor}&q=name:{tag}")).GetProperty("users");
            byCursor.AddRange(page.EnumerateArray().Select(user => user.Text("username")));
            if (page.GetArrayLength() < 3)
            {
                break;
            }

            cursor = page[2].Text("id");
        }

        Assert.Equal(users, byCursor);
    }

    [Fact]
    public async Task Takes_any_user_for_a_cursor_who_was_ever_there()
    {
        var (tag, users) = await TenUsersAsync();
        var third = (await api.As(api.Owner).ReadAsync($"/api/v2/users/{users[2]}")).Id();
        await api.SetStatusAsync(third, "suspended");
        Assert.Equal(users[3..], Names(await ListAsync($"after_id={third}&q=name:{tag}%20status:dormant")));

        using var deletion = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{third}");
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(users[3..], Names(await ListAsync($"after_id={third}&q=name:{tag}")));

        var elsewhere = await api.CreateAsync(api.Request("0" + People.NewName()));
        Assert.Equal(users.Except([users[2]]), Names(await ListAsync($"after_id={elsewhere.Id()}&q=name:{tag}")));
    }

    [Fact]
    public async Task Behind_an_unknown_cursor_is_empty()
    {
        var list = await ListAsync($"after_id={Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}");
        Assert.Equal("""{"users":[],"count":0}""", list.GetRawText());
    }

    [Fact]
    public async Task Is_sorted_by_username_ignoring_case_and_byte_by_byte_otherwise()
    {
        var tag = People.NewName("t");
        var stem = People.NewName();
        foreach (var ending in new[] { "b", "C", "a", "D", "1", "A1", "a-b", "B2" })
        {
            var request = api.Request($"{stem}{ending}");
            request["name"] = tag;
            await api.CreateAsync(request);
        }

        var names = Names(await ListAsync($"q=name:{tag}")).Select(name => name[stem.Length..]);
        Assert.Equal(["1", "a", "a-b", "A1", "b", "B2", "C", "D"], names);
    }

    [Fact]
    public async Task Leaves_deleted_users_out_whatever_the_filter()
    {
        var request = api.Request();
        var user = await api.CreateAsync(request);
        using var deletion = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id()}");
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
        foreach (var q in new[] { user.Text("username"), $"search:{user.Text("email")}", $"status:dormant {user.Text("username")}" })
        {
            Assert.Equal(0, (await ListAsync($"q={Uri.EscapeDataString(q)}")).GetProperty("count").GetInt32());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("?q=role:member")]
    [InlineData("?limit=1")]
    [InlineData("?q=status:active,dormant,suspended")]
    public async Task For_a_member_is_the_member_alone(string query)
    {
        var user = await api.RegisterUserAsync();
        var list = await api.As(user).ReadAsync($"/api/v2/users{query}");
        Assert.Equal([user.Username], Names(list));
        Assert.Equal(1, list.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task For_a_member_who_asks_for_others_is_empty()
    {
        var user = await api.RegisterUserAsync();
        var list = await api.As(user).ReadAsync("/api/v2/users?q=role:owner");
        Assert.Equal("""{"users":[],"count":0}""", list.GetRawText());
    }

    [Fact]
    public async Task For_a_key_without_the_scope_is_empty_and_for_one_with_an_allow_list_is_what_it_names()
    {
        var without = await api.MakeTokenAsync(api.Owner, new { scopes = keysOnly });
        Assert.Equal(0, (await api.WithKey(without).ReadAsync("/api/v2/users")).GetProperty("count").GetInt32());

        var (named, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        var narrow = await api.MakeTokenAsync(api.Owner, new { scopes = usersOnly, allow_list = new[] { new { type = "user", id = named.Id } } });
        Assert.Equal([named.Username], Names(await api.WithKey(narrow).ReadAsync("/api/v2/users")));
        using var hidden = await api.WithKey(narrow).GetAsync($"/api/v2/users/{other.Id}");
        await hidden.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    private async Task<(string Tag, string[] Usernames)> TenUsersAsync()
    {
        var tag = People.NewName("t");
        var stem = People.NewName();
        var usernames = Enumerable.Range(0, 10).Select(i => $"{stem}-{i}").ToArray();
        foreach (var username in usernames)
        {
            var request = api.ServiceAccount(username);
            request["name"] = tag;
            await api.CreateAsync(request);
        }

        return (tag, usernames);
    }

    private Task<JsonElement> ListAsync(string query) => api.As(api.Owner).ReadAsync($"/api/v2/users?{query}");

    private static string[] Names(JsonElement list) => [.. list.GetProperty("users").EnumerateArray().Select(user => user.Text("username"))];
}
