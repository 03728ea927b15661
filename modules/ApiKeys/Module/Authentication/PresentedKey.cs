namespace Modular.ApiKeys.Authentication;

/// <summary>The two parts of a key as a request presents it.</summary>
internal readonly record struct PresentedKey(string Id, string Secret)
{
    private const string Header = "Coder-Session-Token";
    private const string SchemePrefix = "Bearer ";
    private const string QueryParameter = "coder_session_token";
    private const string OAuthQueryParameter = "access_token";

    /// <summary>
    /// The first place that holds anything wins: cookie, query, header, Authorization, query again. A bad key in an earlier place
    /// is not passed over for a good one in a later place. The query counts only where the operator allows it.
    /// </summary>
    internal static string? Find(HttpRequest request, string cookieName, bool allowQuery)
    {
        if (request.Cookies[cookieName] is { Length: > 0 } cookie)
        {
            return cookie;
        }

        if (allowQuery && Paging.First(request.Query, QueryParameter) is { Length: > 0 } inQuery)
        {
            return inQuery;
        }

        if (request.Headers[Header] is [{ Length: > 0 } header, ..])
        {
            return header;
        }

        if (request.Headers.Authorization is [{ } authorization, ..]
            && authorization.StartsWith(SchemePrefix, StringComparison.OrdinalIgnoreCase)
            && authorization[SchemePrefix.Length..].Trim() is { Length: > 0 } bearer)
        {
            return bearer;
        }

        return allowQuery && Paging.First(request.Query, OAuthQueryParameter).Trim() is { Length: > 0 } oauth ? oauth : null;
    }

    /// <summary>Exactly two parts around one hyphen, of the right lengths, of letters and digits; null otherwise.</summary>
    internal static PresentedKey? Parse(string text) =>
        text.Length == KeySecret.IdLength + 1 + KeySecret.SecretLength
        && text.Split('-') is [{ Length: KeySecret.IdLength } id, { } secret]
        && id.All(char.IsAsciiLetterOrDigit)
        && secret.All(char.IsAsciiLetterOrDigit)
            ? new PresentedKey(id, secret)
            : null;

    /// <summary>Keeps the record's generated text from showing the secret in a log.</summary>
    public override string ToString() => $"key {Id}";
}
