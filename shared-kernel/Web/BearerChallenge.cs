namespace Modular.SharedKernel.Web;

/// <summary>The value of <c>WWW-Authenticate</c> (RFC 6750, section 3), with where clients find out how to get a key (RFC 9728, section 5.1).</summary>
public static class BearerChallenge
{
    /// <summary>What is wrong with the key that was presented, or that there was none.</summary>
    /// <param name="accessUrl">Where clients reach this server.</param>
    /// <param name="error">One of the codes of RFC 6750, such as <c>invalid_token</c>.</param>
    /// <param name="description">One sentence for people, without quotation marks.</param>
    /// <param name="scopes">Those that the key would need, where it is good and lacks them.</param>
    public static string Challenge(this IAccessUrl accessUrl, string error, string description, params IReadOnlyList<string> scopes)
    {
        var scope = scopes.Count > 0 ? $"scope=\"{string.Join(' ', scopes)}\", " : "";
        return $"Bearer realm=\"coder\", error=\"{error}\", {scope}error_description=\"{description}\", "
            + $"resource_metadata=\"{accessUrl.Value}/.well-known/oauth-protected-resource\"";
    }
}
