using Microsoft.AspNetCore.Http;
using Modular.SharedKernel.Settings;

namespace Modular.SharedKernel.Web;

/// <summary>Where clients reach this server.</summary>
public interface IAccessUrl
{
    /// <summary>The configured address, else the one listened on; no trailing slash.</summary>
    string Value { get; }

    /// <summary>Whether clients come by TLS.</summary>
    bool IsHttps { get; }

    /// <summary>Whether the value of an <c>Origin</c> header is this server's own: scheme, host and port, whatever path it is below.</summary>
    bool IsOrigin(string origin) =>
        string.Equals(origin.TrimEnd('/'), new Uri(Value).GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
}

/// <summary>What operators decide about cookies.</summary>
public sealed record CookieSettings(bool? Secure, SameSiteMode SameSite, bool HostPrefix)
{
    /// <summary>Reads <c>Cookies:*</c>.</summary>
    public static CookieSettings Read(SettingsReader settings)
    {
        bool? secure = settings.Text("Cookies:Secure") is null ? null : settings.Bool("Cookies:Secure", otherwise: false);
        var sameSite = settings.Choice("Cookies:SameSite", "lax", "lax", "none") == "none" ? SameSiteMode.None : SameSiteMode.Lax;
        var hostPrefix = settings.Bool("Cookies:HostPrefix", otherwise: false);
        return hostPrefix && secure == false
            ? throw new SettingException("Cookies:HostPrefix", "needs Cookies:Secure: browsers refuse __Host- cookies that are not secure.")
            : new CookieSettings(secure, sameSite, hostPrefix);
    }
}

/// <summary>Every cookie this server sets, with the flags that operators decide.</summary>
public sealed class SessionCookie(CookieSettings settings, IAccessUrl accessUrl)
{
    /// <summary>The session cookie's name without prefix.</summary>
    public const string PlainName = "coder_session_token";

    /// <summary>A year: the key's own expiry decides when the session ends.</summary>
    private static readonly TimeSpan maxAge = TimeSpan.FromDays(365);

    /// <summary>The name on the wire.</summary>
    public string Name => settings.HostPrefix ? $"__Host-{PlainName}" : PlainName;

    /// <summary>Sets the session.</summary>
    public void Set(HttpResponse response, string key) => response.Cookies.Append(Name, key, Options(maxAge));

    /// <summary>Removes the session.</summary>
    public void Remove(HttpResponse response) => response.Cookies.Append(Name, "", Options(TimeSpan.FromSeconds(-1)));

    /// <summary>
    /// With the prefix on, a cookie without it is not ours: another page of the same host, or we before the setting, left it. It is
    /// not read, and the browser is told to forget it.
    /// </summary>
    public void RemoveUnprefixed(HttpContext http)
    {
        if (settings.HostPrefix && http.Request.Cookies.ContainsKey(PlainName))
        {
            http.Response.Cookies.Append(PlainName, "", Options(TimeSpan.FromSeconds(-1)));
        }
    }

    /// <summary>The flags of any cookie of ours.</summary>
    public CookieOptions Options(TimeSpan? lifetime = null) => new()
    {
        Path = "/",
        HttpOnly = true,
        Secure = settings.Secure ?? (settings.HostPrefix || accessUrl.IsHttps),
        SameSite = settings.SameSite,
        MaxAge = lifetime,
    };
}
