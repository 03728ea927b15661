using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Text;

namespace Modular.SharedKernel.Web;

/// <summary>
/// The search language of lists' <c>q</c> parameter: <c>key:value</c> filters and free text, separated by blanks; double quotes keep
/// blanks and colons together. The whole query is lower-cased, keys, values and quoted text alike.
/// <para>
/// Take every filter that the list knows, then call <see cref="Finish"/>: it answers what is wrong, all of it at once and one entry
/// per field. A filter that is wrong is taken as absent, so values may be used only if nothing was found wrong.
/// </para>
/// </summary>
public sealed class SearchQuery
{
    /// <summary>Characters (code points) a query has at most.</summary>
    public const int MaxLength = 1024;

    /// <summary>The field that errors of the query's form are reported under.</summary>
    public const string Field = "q";

    private readonly OrderedDictionary<string, List<string>> given = new(StringComparer.Ordinal);
    private readonly List<string> taken = [];
    private readonly List<Validation> problems = [];

    private SearchQuery()
    {
    }

    /// <summary>
    /// Splits a query; null is the empty one. Never throws: a query that is too long, is not text (U+0000, lone surrogates) or has
    /// <c>:x</c>, <c>x:</c> or <c>a:b:c</c> in it is reported by <see cref="Finish"/> under the field <c>q</c>.
    /// </summary>
    /// <param name="q">The parameter as it was sent.</param>
    /// <param name="freeTextKey">The key that the free text means, so that both together are that key given twice.</param>
    public static SearchQuery Parse(string? q, string freeTextKey)
    {
        var query = new SearchQuery();
        if (string.IsNullOrEmpty(q))
        {
            return query;
        }

        if (q.Contains('\0', StringComparison.Ordinal) || HasLoneSurrogate(q))
        {
            query.Refuse(Field, "The query contains characters that are not text. Remove them.");
        }
        else if (q.EnumerateRunes().Count() > MaxLength)
        {
            query.Refuse(Field, $"The query is longer than {MaxLength} characters. Shorten it.");
        }
        else
        {
            query.Read(q.ToLowerInvariant(), freeTextKey);
        }

        return query;
    }

    /// <summary>A text; null where it is absent or empty.</summary>
    public string? Text(string key) => Single(key);

    /// <summary>Several texts: separated by commas, or the key repeated, or both. Blanks around them and empty ones are dropped.</summary>
    public IReadOnlyList<string> List(string key) =>
        [.. Take(key).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>One of the allowed words, which are lower case.</summary>
    public string? OneOf(string key, IReadOnlyCollection<string> allowed)
    {
        var word = Single(key);
        return word is null || AreAllowed(key, [word], allowed) ? word : null;
    }

    /// <summary>
    /// Any of the allowed words, which are lower case; written as <see cref="List"/> is. Empty where there is none or one is unknown.
    /// </summary>
    public IReadOnlyList<string> ManyOf(string key, IReadOnlyCollection<string> allowed)
    {
        var words = List(key);
        return AreAllowed(key, words, allowed) ? words : [];
    }

    /// <summary>An RFC 3339 time with any offset, given in UTC. Years from 1 to 9999 in UTC; fractions are cut to 100 ns.</summary>
    public DateTimeOffset? Time(string key) => Parsed(
        key,
        Rfc3339.Parse,
        "is no time that can be used. Write it in quotes as \"2023-01-16T00:00:00+12:00\"; in an address the plus sign is %2B.");

    /// <summary>A day as <c>YYYY-MM-DD</c>, years from 1 to 9999.</summary>
    public DateOnly? Date(string key) => Parsed(
        key,
        text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : (DateOnly?)null,
        "is no day. Write it as 2023-01-16.");

    /// <summary>A truth value as <see cref="GoParse.Bool"/> reads it.</summary>
    public bool? GoBool(string key) => Parsed(key, GoParse.Bool, "is neither true nor false. Write true or false.");

    /// <summary>A whole number as <see cref="GoParse.Int"/> reads it.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The takers are named for what they give, and the width is the promise.")]
    public long? Int64(string key) => Parsed(
        key, GoParse.Int, $"is no whole number from {long.MinValue} to {long.MaxValue}. Write it in digits only.");

    /// <summary>An id as <see cref="Text.Uuid"/> reads it. The spelling with <c>urn:uuid:</c> has colons and must be quoted.</summary>
    public Guid? Uuid(string key) => Parsed(
        key,
        text => SharedKernel.Text.Uuid.TryParse(text, out var id) ? id : (Guid?)null,
        "is no UUID. Write it as 00000000-0000-0000-0000-000000000000.");

    /// <summary>
    /// What is wrong with the query; empty where nothing is. Keys that were not taken are unknown and reported under their own name,
    /// as are keys given twice that take one value.
    /// </summary>
    public IReadOnlyList<Validation> Finish()
    {
        foreach (var key in given.Keys.Except(taken))
        {
            Refuse(key, $"There is no filter '{key}'. The filters are: {string.Join(", ", taken.Distinct())}.");
        }

        return problems;
    }

    private void Read(string q, string freeTextKey)
    {
        var freeText = new List<string>();
        foreach (var element in SplitOutsideQuotes(q, ' ').Where(element => element.Length > 0))
        {
            switch (SplitOutsideQuotes(element, ':'))
            {
                case [var word]:
                    freeText.Add(Unquote(word));
                    break;
                case [var key, var value] when Unquote(key).Length > 0 && value.Length > 0:
                    Give(Unquote(key), Unquote(value));
                    break;
                case [_, _]:
                    Refuse(Field, $"'{element}' lacks its key or its value. Write key:value, or put it in quotes to search for it.");
                    break;
                default:
                    Refuse(Field, $"'{element}' has more than one colon. Put a value that contains colons in quotes.");
                    break;
            }
        }

        freeText.RemoveAll(word => word.Length == 0);
        if (freeText.Count > 0)
        {
            Give(freeTextKey, string.Join(' ', freeText));
        }
    }

    private void Give(string key, string value)
    {
        if (!given.TryGetValue(key, out var values))
        {
            given.Add(key, values = []);
        }

        // An empty value counts as absent; its key is kept, for it may be unknown.
        if (value.Length > 0)
        {
            values.Add(value);
        }
    }

    private List<string> Take(string key)
    {
        taken.Add(key);
        return given.TryGetValue(key, out var values) ? values : [];
    }

    private string? Single(string key)
    {
        var values = Take(key);
        if (values.Count > 1)
        {
            Refuse(key, $"The filter '{key}' takes one value and is given {values.Count} times. Keep one.");
            return null;
        }

        return values.FirstOrDefault();
    }

    private T? Parsed<T>(string key, Func<string, T?> parse, string complaint)
        where T : struct
    {
        if (Single(key) is not { } text)
        {
            return null;
        }

        var value = parse(text);
        if (value is null)
        {
            Refuse(key, $"'{text}' {complaint}");
        }

        return value;
    }

    private bool AreAllowed(string key, IReadOnlyList<string> words, IReadOnlyCollection<string> allowed)
    {
        var unknown = words.Except(allowed).ToList();
        if (unknown.Count > 0)
        {
            var named = string.Join(", ", unknown.Select(word => $"'{word}'"));
            Refuse(key, $"Not known here: {named}. Use {string.Join(", ", allowed)}.");
        }

        return unknown.Count == 0;
    }

    private void Refuse(string field, string detail)
    {
        if (problems.TrueForAll(problem => problem.Field != field))
        {
            problems.Add(new Validation(field, detail));
        }
    }

    // A quote that is never closed reaches to the end.
    private static List<string> SplitOutsideQuotes(string text, char separator)
    {
        var parts = new List<string>();
        var quoted = false;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (text[i] == separator && !quoted)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static string Unquote(string text) => text.Trim('"');

    private static bool HasLoneSurrogate(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
        && !Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Equals(text, StringComparison.Ordinal);
}
