using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Modular.Host.Lifetime;
using Modular.SharedKernel.Settings;

namespace Modular.Host.Startup;

/// <summary>Where settings come from beside ASP.NET's usual places.</summary>
internal static class ConfigurationSources
{
    private const string FileSuffix = "_FILE";

    /// <summary>The names that the original server reads from the environment; ours win where both are set.</summary>
    private static readonly Dictionary<string, string> foreignNames = new()
    {
        ["CODER_ACCESS_URL"] = "AccessUrl",
        ["CODER_API_RATE_LIMIT"] = "RateLimits:Api",
        ["CODER_LOGIN_RATE_LIMIT"] = "RateLimits:Login",
        ["CODER_SESSION_DURATION"] = "Sessions:Duration",
        ["CODER_DISABLE_SESSION_EXPIRY_REFRESH"] = "Sessions:DisableExpiryRefresh",
        ["CODER_SECURE_AUTH_COOKIE"] = "Cookies:Secure",
        ["CODER_SAMESITE_AUTH_COOKIE"] = "Cookies:SameSite",
        ["CODER_HOST_PREFIX_COOKIE"] = "Cookies:HostPrefix",
        ["CODER_DISABLE_PASSWORD_AUTH"] = "PasswordAuth:Disabled",
        ["CODER_MAX_TOKEN_LIFETIME"] = "Tokens:MaxLifetime",
        ["CODER_MAX_ADMIN_TOKEN_LIFETIME"] = "Tokens:MaxAdminLifetime",
        ["CODER_DEFAULT_TOKEN_LIFETIME"] = "Tokens:DefaultLifetime",
        ["CODER_API_KEYS_RETENTION"] = "Retention:ApiKeys",
        ["CODER_EMAIL_FROM"] = "Email:From",
        ["CODER_EMAIL_SMARTHOST"] = "Email:Smarthost",
        ["CODER_EMAIL_HELLO"] = "Email:Hello",
        ["CODER_EMAIL_AUTH_USERNAME"] = "Email:Auth:Username",
        ["CODER_EMAIL_AUTH_PASSWORD"] = "Email:Auth:Password",
        ["CODER_EMAIL_AUTH_PASSWORD_FILE"] = "Email:Auth:Password_FILE",
        ["CODER_EMAIL_TLS_STARTTLS"] = "Email:Tls:StartTls",
        ["CODER_SSH_KEYGEN_ALGORITHM"] = "SshKeys:Algorithm",
        ["CODER_EXPERIMENTS"] = "Experiments",
        ["CODER_PROXY_TRUSTED_HEADERS"] = "Proxy:TrustedHeaders",
        ["CODER_PROXY_TRUSTED_ORIGINS"] = "Proxy:TrustedOrigins",
    };

    internal static void AddModularSources(this ConfigurationManager configuration)
    {
        var defaults = foreignNames
            .Select(name => KeyValuePair.Create<string, string?>($"{SettingsReader.Section}:{name.Value}", Environment.GetEnvironmentVariable(name.Key)))
            .Append(KeyValuePair.Create<string, string?>("ConnectionStrings:Modular", Environment.GetEnvironmentVariable("CODER_PG_CONNECTION_URL")))
            .Append(KeyValuePair.Create<string, string?>("Urls", Environment.GetEnvironmentVariable("MODULAR_URLS") is { Length: > 0 } urls ? urls : "http://127.0.0.1:8080"))
            .Where(setting => setting.Value is not null);
        var beforeEnvironment = configuration.Sources.TakeWhile(source => source is not EnvironmentVariablesConfigurationSource { Prefix: null or "" }).Count();
        configuration.Sources.Insert(
            beforeEnvironment, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = defaults });
        configuration.AddInMemoryCollection(SecretsFromFiles(configuration));
    }

    /// <summary>A secret can stand in a file: the setting's name with <c>_FILE</c> names it.</summary>
    private static List<KeyValuePair<string, string?>> SecretsFromFiles(IConfiguration configuration) =>
    [
        .. configuration.AsEnumerable()
            .Where(setting => setting.Key.EndsWith(FileSuffix, StringComparison.OrdinalIgnoreCase) && !string.IsNullOrEmpty(setting.Value))
            .Where(setting => setting.Key.StartsWith(SettingsReader.Section + ":", StringComparison.OrdinalIgnoreCase)
                || setting.Key.StartsWith("ConnectionStrings:", StringComparison.OrdinalIgnoreCase))
            .Select(setting => KeyValuePair.Create(setting.Key[..^FileSuffix.Length], (string?)Read(setting.Key, setting.Value!))),
    ];

    private static string Read(string key, string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The setting {key} names the file {path}, which cannot be read.");
        }
    }
}
