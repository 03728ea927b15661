using Modular.SharedKernel.Web;

namespace Modular.Tests.Unit.SharedKernel;

public sealed class SearchQueryTests
{
    private static readonly string[] Statuses = ["active", "dormant", "suspended"];

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("   ", null)]
    [InlineData("\"\"", null)]
    [InlineData("jane", "jane")]
    [InlineData("Jane  DOE", "jane doe")]
    [InlineData("  jane name:x   doe ", "jane doe")]
    [InlineData("\"a:b\"", "a:b")]
    [InlineData("\":x\" \"y:\"", ":x y:")]
    [InlineData("\"a  b\" c", "a  b c")]
    [InlineData("\"never closed name:x", "never closed name:x")]
    [InlineData("search:Jane", "jane")]
    [InlineData("search:\"jane doe\"", "jane doe")]
    [InlineData("search:\"\" jane", "jane")]
    [InlineData("search:\"\"", null)]
    [InlineData("50%_", "50%_")]
    public void Free_text_is_what_has_no_key(string? q, string? text)
    {
        var query = SearchQuery.Parse(q, "search");

        Assert.Equal(text, query.Text("search"));
        query.Text("name");
        Assert.Empty(query.Finish());
    }

    [Theory]
    [InlineData(":x")]
    [InlineData("x:")]
    [InlineData("a:b:c")]
    [InlineData("a::b")]
    [InlineData(":")]
    [InlineData("::")]
    [InlineData("\"\":x")]
    [InlineData("jane :x")]
    [InlineData("last_seen_before:2023-01-16T00:00:00+12:00")]
    [InlineData("a\0b")]
    public void A_malformed_query_is_an_error_of_q(string q) => Assert.Equal(["q"], Fields(SearchQuery.Parse(q, "search"), "search"));

    // Not as test data: it is stored as UTF-8, which has no lone surrogates.
    [Fact]
    public void A_lone_surrogate_is_an_error_of_q()
    {
        Assert.Equal(["q"], Fields(SearchQuery.Parse("a\uD800b", "search"), "search"));
        Assert.Equal(["q"], Fields(SearchQuery.Parse("\uDC00", "search"), "search"));
    }

    [Fact]
    public void A_query_has_at_most_1024_characters()
    {
        Assert.Empty(Fields(SearchQuery.Parse(new string('a', 1024), "search"), "search"));
        Assert.Empty(Fields(SearchQuery.Parse(string.Concat(Enumerable.Repeat("😀", 1024)), "search"), "search"));
        Assert.Equal(["q"], Fields(SearchQuery.Parse(new string('a', 1025), "search"), "search"));
    }

    [Theory]
    [InlineData("status:ACTIVE", "active")]
    [InlineData("Status:Active", "active")]
    [InlineData("status:suspended,active", "suspended active")]
    [InlineData("status:dormant status:active", "dormant active")]
    [InlineData("status:\"dormant, active\" status:,", "dormant active")]
    [InlineData("status:\"\"", "")]
    [InlineData("", "")]
    public void A_list_is_separated_by_commas_or_repeated(string q, string words)
    {
        var query = SearchQuery.Parse(q, "search");

        Assert.Equal(words, string.Join(' ', query.ManyOf("status", Statuses)));
        Assert.Empty(query.Finish());
    }

    [Fact]
    public void An_unknown_word_is_named_beside_those_that_are_known()
    {
        var query = SearchQuery.Parse("status:active,inactive", "search");

        Assert.Empty(query.ManyOf("status", Statuses));
        var problem = Assert.Single(query.Finish());
        Assert.Equal("status", problem.Field);
        Assert.Contains("'inactive'", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("active, dormant, suspended", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_without_a_vocabulary_takes_any_word()
    {
        var query = SearchQuery.Parse("role:owner-that-does-not-exist Role:OWNER", "search");

        Assert.Equal(["owner-that-does-not-exist", "owner"], query.List("role"));
        Assert.Empty(query.Finish());
    }

    [Theory]
    [InlineData("user", "user", null)]
    [InlineData("resource_type:USER", "user", null)]
    [InlineData("invalid", null, "resource_type")]
    [InlineData("user api_key", null, "resource_type")]
    [InlineData("user resource_type:user", null, "resource_type")]
    [InlineData("resource_type:user resource_type:user", null, "resource_type")]
    public void Free_text_may_mean_a_filter_of_one_word(string q, string? word, string? field)
    {
        var query = SearchQuery.Parse(q, "resource_type");

        Assert.Equal(word, query.OneOf("resource_type", ["user", "api_key"]));
        Assert.Equal(field, query.Finish().SingleOrDefault()?.Field);
    }

    [Fact]
    public void Keys_combine()
    {
        var query = SearchQuery.Parse("i role:owner STATUS:active name:Test", "search");

        Assert.Equal("i", query.Text("search"));
        Assert.Equal("test", query.Text("name"));
        Assert.Equal(["owner"], query.List("role"));
        Assert.Equal(["active"], query.ManyOf("status", Statuses));
        Assert.Empty(query.Finish());
    }

    [Theory]
    [InlineData("2023-01-16T00:00:00+12:00", "2023-01-15T12:00:00.0000000")]
    [InlineData("2023-01-16t10:11:12z", "2023-01-16T10:11:12.0000000")]
    [InlineData("2023-01-16T10:11:12.5Z", "2023-01-16T10:11:12.5000000")]
    [InlineData("2023-01-16T10:11:12.123456789-00:30", "2023-01-16T10:41:12.1234567")]
    [InlineData("2023-01-16T00:00:00+23:59", "2023-01-15T00:01:00.0000000")]
    [InlineData("2024-02-29T00:00:00-23:59", "2024-02-29T23:59:00.0000000")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999")]
    public void A_time_may_have_any_offset_and_is_given_in_UTC(string text, string expected)
    {
        var query = SearchQuery.Parse($"created_after:\"{text}\"", "search");

        var time = query.Time("created_after");

        Assert.Equal(expected, time?.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", null));
        Assert.Equal(TimeSpan.Zero, time?.Offset);
        Assert.Empty(query.Finish());
    }

    [Theory]
    [InlineData("2023-01-16")]
    [InlineData("2023-01-16 00:00:00Z")]
    [InlineData("2023-01-16T00:00:00")]
    [InlineData("2023-01-16T00:00:00 12:00")]
    [InlineData("2023-01-16T00:00:00+1200")]
    [InlineData("2023-01-16T00:00:00+24:00")]
    [InlineData("2023-01-16T00:00:00+12:60")]
    [InlineData("2023-01-16T24:00:00Z")]
    [InlineData("2023-01-16T00:00:60Z")]
    [InlineData("2023-01-16T00:00:00.Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2023-1-16T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("10000-01-01T00:00:00Z")]
    [InlineData("now")]
    public void What_is_no_time_or_out_of_range_is_an_error_of_its_key(string text)
    {
        var query = SearchQuery.Parse($"created_after:\"{text}\"", "search");

        Assert.Null(query.Time("created_after"));
        Assert.Equal(["created_after"], query.Finish().Select(problem => problem.Field));
    }

    [Theory]
    [InlineData("flag:true", true)]
    [InlineData("flag:T", true)]
    [InlineData("flag:0", false)]
    [InlineData("flag:\"\"", null)]
    public void A_truth_value_is_read(string q, bool? value)
    {
        var query = SearchQuery.Parse(q, "search");

        Assert.Equal(value, query.GoBool("flag"));
        Assert.Empty(query.Finish());
    }

    [Theory]
    [InlineData("day:2022-08-15", "2022-08-15")]
    [InlineData("day:9999-12-31", "9999-12-31")]
    [InlineData("day:0000-01-01", null)]
    [InlineData("day:2022-8-15", null)]
    [InlineData("day:2022-02-30", null)]
    [InlineData("day:\"2022-08-15 \"", null)]
    public void A_day_is_read(string q, string? day)
    {
        var query = SearchQuery.Parse(q, "search");

        Assert.Equal(day, query.Date("day")?.ToString("yyyy-MM-dd", null));
        Assert.Equal(day is null ? ["day"] : [], query.Finish().Select(problem => problem.Field));
    }

    [Fact]
    public void Numbers_and_ids_are_read()
    {
        var query = SearchQuery.Parse("number:+12 id:\"urn:uuid:0123ABCD-89ef-4567-89ab-0123456789ab\"", "search");

        Assert.Equal(12, query.Int64("number"));
        Assert.Equal(new Guid("0123abcd-89ef-4567-89ab-0123456789ab"), query.Uuid("id"));
        Assert.Empty(query.Finish());
    }

    [Fact]
    public void All_errors_are_told_at_once_and_each_field_once()
    {
        var query = SearchQuery.Parse(
            ":x a:b:c foo:bar foo:\"\" empty:\"\" status:inactive status:gone name:a name:b "
            + "flag:maybe number:1e3 id:me day:today jane search:doe",
            "search");
        query.Text("search");
        query.Text("name");
        query.ManyOf("status", Statuses);
        query.GoBool("flag");
        query.Int64("number");
        query.Uuid("id");
        query.Date("day");

        Assert.Equal(
            ["day", "empty", "flag", "foo", "id", "name", "number", "q", "search", "status"],
            query.Finish().Select(problem => problem.Field).Order(StringComparer.Ordinal));
        Assert.Equal(10, query.Finish().Count);
        Assert.Contains("search, name, status", query.Finish().Single(problem => problem.Field == "foo").Detail, StringComparison.Ordinal);
        Assert.Contains("'inactive', 'gone'", query.Finish().Single(problem => problem.Field == "status").Detail, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Fields(SearchQuery query, params string[] known)
    {
        foreach (var key in known)
        {
            query.Text(key);
        }

        return query.Finish().Select(problem => problem.Field);
    }
}
