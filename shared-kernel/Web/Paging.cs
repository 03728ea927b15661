using System.Net;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Text;

namespace Modular.SharedKernel.Web;

/// <summary>The page that a list's query asks for.</summary>
/// <param name="Limit">Rows at most; 0 where the client set none.</param>
/// <param name="Offset">Rows to pass over, behind the cursor.</param>
/// <param name="AfterId">The cursor: rows behind the one with this id.</param>
public sealed record Paging(int Limit, int Offset, Guid? AfterId)
{
    /// <summary>Rows at most, all of them where the client set no limit.</summary>
    public int Rows => Limit == 0 ? int.MaxValue : Limit;

    /// <summary>Cut to the operator's ceiling; 0 for none.</summary>
    public Paging AtMost(int ceiling) => ceiling > 0 ? this with { Limit = Math.Min(Rows, ceiling) } : this;

    /// <summary>Reads <c>limit</c>, <c>offset</c> and <c>after_id</c>; what is wrong is added to <paramref name="problems"/>.</summary>
    public static Paging Read(IQueryCollection query, ICollection<Validation> problems)
    {
        var afterId = First(query, "after_id");
        Guid? cursor = null;
        if (afterId.Length > 0)
        {
            if (Uuid.TryParse(afterId, out var id))
            {
                cursor = id;
            }
            else
            {
                problems.Add(new Validation("after_id", "Give the UUID of the last entry you have."));
            }
        }

        return new Paging(Count(query, "limit", problems), Count(query, "offset", problems), cursor);
    }

    /// <summary>Tells where the list goes on behind the last entry of this page (RFC 8288): the same query, with the cursor in place of an offset.</summary>
    public static void TellNext(HttpContext http, Guid last) => TellNext(http, last.ToString());

    /// <summary>As <see cref="TellNext(HttpContext, Guid)"/>, for lists whose entries are known by a text.</summary>
    public static void TellNext(HttpContext http, string last)
    {
        var query = http.Request.Query
            .Where(parameter => parameter.Key is not ("after_id" or "offset"))
            .SelectMany(parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value))
            .Append(KeyValuePair.Create<string, string?>("after_id", last));
        http.Response.Headers.Link = $"<{http.Request.PathBase}{http.Request.Path}{QueryString.Create(query)}>; rel=\"next\"";
    }

    /// <summary>A number of rows; 0 where the parameter is absent. What is no such number is added to <paramref name="problems"/>.</summary>
    public static int Count(IQueryCollection query, string name, ICollection<Validation> problems)
    {
        var text = First(query, name);
        if (text.Length == 0)
        {
            return 0;
        }

        if (GoParse.Int(text) is >= 0 and <= int.MaxValue and var number)
        {
            return (int)number;
        }

        problems.Add(new Validation(name, $"Give a whole number from 0 to {int.MaxValue}."));
        return 0;
    }

    /// <summary>
    /// Reads the list's <c>q</c>. Escapes that are not UTF-8 are a problem: the framework would leave them as they stand, and the
    /// list would be searched for percent signs.
    /// </summary>
    public static string ReadSearch(HttpRequest request, ICollection<Validation> problems)
    {
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            if (!pair.DecodeName().Span.Equals(SearchQuery.Field, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var encoded = Encoding.UTF8.GetBytes(pair.EncodedValue.ToString());
            if (Utf8.IsValid(WebUtility.UrlDecodeToBytes(encoded, 0, encoded.Length)))
            {
                break; // The first one counts.
            }

            problems.Add(new Validation(SearchQuery.Field, "The query is not UTF-8 text. Encode it as UTF-8 before escaping it."));
            return "";
        }

        return First(request.Query, SearchQuery.Field);
    }

    /// <summary>The first value of a query parameter; the empty text where it is absent.</summary>
    public static string First(IQueryCollection query, string name) => query[name] is [{ } first, ..] ? first : "";
}
