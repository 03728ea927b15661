using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>
/// What <c>q</c> finds: users-and-auth.md 7.2 and 7.3. A crowd is made once for the tests that only read it, and is told apart from everybody
/// else by a word in the real names, <c>{tag}</c> in the queries below.
/// </summary>
[Collection(SecondApi.Name)]
public sealed class SearchingUsersTests(ModularApi api)
{
    private static Task<(string Tag, string Ada)>? crowd;

    /// <summary>The query, and the crowd's first letters that it finds: a(da), b(en), c(yd), d(ot), s(ervice).</summary>
    public static TheoryData<string, string> Queries => new()
    {
        { "", "abcds" },
        { "status:active", "ab" },
        { "status:ACTIVE", "ab" },
        { "STATUS:Active", "ab" },
        { "status:dormant", "cs" },
        { "status:suspended,active", "abd" },
        { "status:suspended status:active", "abd" },
        { "status:suspended,", "d" },
        { "status:\"suspended, active\"", "abd" },
        { "role:owner", "a" },
        { "role:OWNER", "a" },
        { "Role:Owner STATUS:Active", "a" },
        { "role:owner,auditor", "ab" },
        { "role:owner role:auditor", "ab" },
        { "role:member", "abcds" },
        { "role:member,owner", "abcds" },
        { "role:owner-that-does-not-exist", "" },
        { "login_type:none", "s" },
        { "login_type:none login_type:password", "abcds" },
        { "login_type:NONE,github", "s" },
        { "login_type:github", "" },
        { "service_account:true", "s" },
        { "service_account:T", "s" },
        { "service_account:1", "s" },
        { "service_account:false", "abcd" },
        { "{ada}", "a" },
        { "{ADA}", "a" },
        { "search:{ada}", "a" },
        { "\"{ada}\"", "a" },
        { "{ada}@example.com", "a" },
        { "search:Marmalade", "b" },
        { "marmalade", "b" },
        { "name:marmalade", "b" },
        { "name:MARMA", "b" },
        { "name:\"of marmalade\"", "b" },
        { "name:{ada}", "" },
        { "name:ärger", "c" },
        { "ÄRGER", "c" },
        { "name:{tag} status:active role:owner", "a" },
        { "bogus-text-of-nobody", "" },
        { "name:%", "d" },
        { "name:100%", "d" },
        { "name:_", "d" },
        { "name:\\", "d" },
        { "%", "d" },
        { "search:0_%", "" },
        { "created_after:\"2001-01-01T00:00:00Z\"", "bcds" },
        { "created_before:\"2001-01-01T00:00:00Z\"", "a" },
        { "created_before:\"2000-06-01T12:00:00Z\"", "a" },
        { "created_after:\"2000-06-01T12:00:00Z\" created_before:\"2000-06-01T12:00:00Z\"", "a" },
        { "created_before:\"2000-06-01T11:59:59Z\"", "" },
        { "created_before:\"2000-06-02T00:00:00+12:00\"", "a" },
        { "created_after:\"2000-06-02T00:00:01+12:00\"", "bcds" },
        { "last_seen_before:\"1999-01-01T00:00:00Z\"", "cds" },
        { "last_seen_after:\"2003-01-01T00:00:00Z\"", "ab" },
        { "last_seen_after:\"2003-01-01T00:00:01Z\"", "b" },
        { "last_seen_before:\"2003-01-01T00:00:00Z\"", "acds" },
        { "last_seen_before:\"0001-01-01T00:00:00Z\"", "cds" }, // never
        { "last_seen_after:\"0001-01-01T00:00:00Z\"", "abcds" },
        { "last_seen_after:\"0001-01-01T00:00:01Z\"", "ab" },
        { "github_com_user_id:1", "" },
        { "name:\"\"", "abcds" },
        { "status:\"\"", "abcds" },
        { "  status:active   role:owner  ", "a" },
    };

    [Theory, MemberData(nameof(Queries))]
    public async Task Finds_exactly_those(string query, string expected)
    {
        var (tag, ada) = await CrowdAsync();
        var q = query
            .Replace("{tag}", tag, StringComparison.Ordinal)
            .Replace("{ada}", ada, StringComparison.Ordinal)
            .Replace("{ADA}", ada.ToUpperInvariant(), StringComparison.Ordinal);

        // The crowd's tag is in every name; where the query uses the name already, the tag is asked for as free text, and vice versa.
        var uses = q.Contains("name:", StringComparison.OrdinalIgnoreCase) && q != "name:\"\"" ? tag : $"name:{tag}";
        using var answer = await ListAsync(q.Contains(tag, StringComparison.Ordinal) ? q : $"{q} {uses}");
        var list = await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(expected, string.Concat(list.GetProperty("users").EnumerateArray().Select(user => user.Text("username")[0])));
        Assert.Equal(expected.Length, list.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Filters_a_page_before_it_is_cut()
    {
        var (tag, _) = await CrowdAsync();
        using var answer = await api.As(api.Owner).GetAsync($"/api/v2/users?q=name:{tag}&limit=1&offset=1");
        var list = await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(1, list.GetProperty("users").GetArrayLength());
        Assert.Equal(5, list.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Free_text_is_one_text_with_single_blanks()
    {
        var (tag, _) = await CrowdAsync();
        Assert.Equal("b", await FoundAsync($"duke   of name:{tag}"));
        Assert.Equal("b", await FoundAsync($"duke status:active of name:{tag}"));
        Assert.Equal("", await FoundAsync($"of duke name:{tag}"));
        Assert.Equal("", await FoundAsync($"\"duke  of\" name:{tag}"));
    }

    [Fact]
    public async Task Free_text_is_not_found_across_the_end_of_one_field_and_the_start_of_the_next()
    {
        var (tag, ada) = await CrowdAsync();
        Assert.Equal("", await FoundAsync($"{ada[^6..]} {ada[..6]} name:{tag}"));
        Assert.Equal("", await FoundAsync($"example.com {tag[..6]} name:{tag}"));
    }

    [Fact]
    public async Task Addresses_are_found_by_any_part_and_so_are_names_that_look_like_one()
    {
        var (tag, ada) = await MakeCrowdAsync();
        var mail = api.Request(People.NewName("m"));
        mail["name"] = $"{tag} At@Home @";
        await api.CreateAsync(mail);
        var service = api.ServiceAccount(People.NewName("n"));
        service["name"] = $"{tag} Robot@Work%";
        await api.CreateAsync(service);

        foreach (var (text, expected) in new[]
        {
            ($"{ada}@example.com", "a"),
            ($"{ada[^6..]}@exam".ToUpperInvariant(), "a"),
            ($"{ada[^1..]}@{ada[..3]}", ""),
            ($"x{ada}@example.com", ""),
            ($"{ada}@example.comx", ""),
            ($"{ada[..^1]}%@example.com", ""),
            ("@example.com", "abcdm"),
            ("at@home", "m"),
            ($"\"{tag} at@\"", "m"),
            ("at@home @", "m"),
            ("@home @", "m"),
            ("ROBOT@work%", "n"),
            ($"\"{tag} robot@\"", "n"),
            ("robot@%", ""),
            ($"{mail["username"]}@example.com", "m"),
            ($"{ada}@example.com\n{tag}", ""),
        })
        {
            Assert.Equal(expected, await FoundAsync($"{text} name:{tag}"));
        }
    }

    /// <summary>A name, and what finds it by free text and by name.</summary>
    public static TheoryData<string, string> Spellings => new()
    {
        { "Zo\u00E9", "zo\u00E9" },
        { "Zo\u00E9", "ZOE\u0301" }, // composed, and as letter and accent
        { "Zoe\u0301", "zo\u00E9" },
        { "Zoe\u0301", "ZO\u00C9" },
        { "\u1EADn", "a\u0302\u0323n" }, // marks in the other order
        { "ΟΔΥΣΣΕΥΣ", "οδυσσευς" }, // the last sigma has a form of its own
        { "Οδυσσεύς", "ΟΔΥΣΣΕΎΣ" },
        { "Οδυσσεύς", "οδυσσεύσ" },
        { "ᾳδω", "ΑΙΔΩ" },
        { "Weiß", "WEISS" },
        { "Strauss", "strauß" },
        { "GROẞ", "groß" },
        { "İstanbul", "istanbul" },
        { "istanbul", "İSTANBUL" },
        { "Işık", "IŞIK" },
        { "IŞIK", "ışık" },
        { "Фёдор", "ФЁДОР" },
        { "ЩУКА", "щука" },
        { "Ա\u0580եւ", "ԱՐԵՒ" },
        { "\uFF21\uFF44\uFF41", "ada" }, // full width
        { "Ada", "\uFF41\uFF24\uFF21" },
        { "\uFB01nn", "FINN" }, // a ligature
        { "\uD801\uDC00", "\uD801\uDC28" }, // Deseret, beyond the first plane
        { "\u1100\u1161\u11A8", "\uAC01" }, // Hangul
        { "50％", "50%" },
    };

    [Theory, MemberData(nameof(Spellings))]
    public async Task A_name_is_found_in_every_case_and_however_its_letters_are_written(string name, string text)
    {
        var tag = People.NewName("t");
        var user = api.Request(People.NewName("a"));
        user["name"] = $"{tag} {name}.";
        await api.CreateAsync(user);
        Assert.Equal("a", await FoundAsync($"{tag} name:\"{text}\""));
        Assert.Equal("a", await FoundAsync($"\"{tag} {text}\""));

        var renamed = api.Request(People.NewName("b"));
        var id = (await api.CreateAsync(renamed)).Id();
        using var change = await api.As(api.Owner).PutAsJsonAsync($"/api/v2/users/{id}/profile", new { username = renamed["username"], name = user["name"] });
        await change.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("ab", await FoundAsync($"{tag} name:\"{text}\""));
    }

    [Theory]
    [InlineData("Zoé", "zoe")]
    [InlineData("Weiß", "weis.")]
    [InlineData("Ada", "аda")] // a Cyrillic a
    public async Task Other_letters_are_other_names(string name, string text)
    {
        var tag = People.NewName("t");
        var user = api.Request(People.NewName("a"));
        user["name"] = $"{tag} {name}.";
        await api.CreateAsync(user);
        Assert.Equal("", await FoundAsync($"{tag} name:\"{text}\""));
    }

    [Theory]
    [InlineData(":x", "q")]
    [InlineData("x:", "q")]
    [InlineData("status:", "q")]
    [InlineData("a:b:c", "q")]
    [InlineData(":", "q")]
    [InlineData("last_seen_before:2023-01-16T00:00:00Z", "q")]
    [InlineData("foo:bar", "foo")]
    [InlineData("FOO:bar", "foo")]
    [InlineData("foo:\"\"", "foo")]
    [InlineData("is_service_account:true", "is_service_account")]
    [InlineData("email:a@b.de", "email")]
    [InlineData("username:a", "username")]
    [InlineData("organization:default", "organization")]
    [InlineData("id:00000000-0000-0000-0000-000000000000", "id")]
    [InlineData("status:inactive", "status")]
    [InlineData("status:active,inactive", "status")]
    [InlineData("login_type:nope", "login_type")]
    [InlineData("service_account:maybe", "service_account")]
    [InlineData("service_account:yes", "service_account")]
    [InlineData("service_account:true service_account:true", "service_account")]
    [InlineData("created_before:yesterday", "created_before")]
    [InlineData("created_before:2023-01-16", "created_before")]
    [InlineData("created_after:\"2023-01-16T00:00:00\"", "created_after")]
    [InlineData("created_after:\"0001-01-01T00:00:00+12:00\"", "created_after")]
    [InlineData("last_seen_after:\"2023-02-30T00:00:00Z\"", "last_seen_after")]
    [InlineData("last_seen_before:\"\"x", "last_seen_before")]
    [InlineData("github_com_user_id:x", "github_com_user_id")]
    [InlineData("github_com_user_id:9223372036854775808", "github_com_user_id")]
    [InlineData("name:a name:b", "name")]
    [InlineData("search:a search:b", "search")]
    [InlineData("free search:b", "search")]
    [InlineData("created_before:x created_before:y", "created_before")]
    public async Task Is_400_with_the_key_inside_q(string query, string field)
    {
        using var answer = await ListAsync(query);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, field);
    }

    [Theory]
    [InlineData("status:nope role:x foo:bar service_account:maybe", "status", "foo", "service_account")]
    [InlineData("a:b:c foo:bar", "q", "foo")]
    public async Task Tells_all_that_is_wrong_at_once(string query, params string[] fields)
    {
        using var answer = await ListAsync(query);
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    [Fact]
    public async Task A_member_gets_the_same_refusals()
    {
        using var answer = await api.As(await api.RegisterUserAsync()).GetAsync("/api/v2/users?q=foo:bar");
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "foo");
    }

    private async Task<string> FoundAsync(string q)
    {
        using var answer = await ListAsync(q);
        var list = await answer.ShouldBeAsync(HttpStatusCode.OK);
        return string.Concat(list.GetProperty("users").EnumerateArray().Select(user => user.Text("username")[0]));
    }

    private Task<(string Tag, string Ada)> CrowdAsync() => crowd ??= MakeCrowdAsync();

    private async Task<(string Tag, string Ada)> MakeCrowdAsync()
    {
        var tag = People.NewName("t");
        var ada = await MakeAsync("a", tag, "owner");
        var ben = await MakeAsync("b", $"{tag} Duke of Marmalade", "auditor", "user-admin");
        await MakeAsync("c", $"{tag} Ärger");
        var dot = await MakeAsync("d", $"{tag} 100% _ \\");
        var service = api.ServiceAccount(People.NewName("s"));
        service["name"] = tag;
        await api.CreateAsync(service);

        await api.ExecuteAsync(
            "update users.users set status = 'active', created_at = '2000-06-01T12:00:00Z', last_seen_at = '2003-01-01T00:00:00Z' where id = $1", ada.Id());
        await api.ExecuteAsync("update users.users set status = 'active', last_seen_at = now() where id = $1", ben.Id());
        await api.ExecuteAsync("update users.users set status = 'suspended' where id = $1", dot.Id());
        return (tag, ada.Text("username"));

        Task<JsonElement> MakeAsync(string prefix, string name, params string[] roles)
        {
            var request = api.Request(People.NewName(prefix));
            request["name"] = name;
            request["roles"] = roles;
            return api.CreateAsync(request);
        }
    }

    private Task<HttpResponseMessage> ListAsync(string q) => api.As(api.Owner).GetAsync($"/api/v2/users?q={Uri.EscapeDataString(q)}");
}
