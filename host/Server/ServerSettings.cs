using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Modular.SharedKernel.Settings;

namespace Modular.Host.Server;

/// <summary>What operators decide about the server as clients see it.</summary>
internal sealed partial record ServerSettings(
    Uri? AccessUrl, string ReportedVersion, IReadOnlyList<string> ForwardedForHeaders, IReadOnlyList<IPNetwork> TrustedProxies, bool KeysInQuery)
{
    /// <summary>Our own version.</summary>
    internal static string OwnVersion { get; } =
        typeof(ServerSettings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    internal static ServerSettings Read(SettingsReader settings) => new(
        settings.HttpAddress("AccessUrl"),
        Version(settings.Text("Compatibility:ReportedVersion") ?? $"v2.34.1+modular.{OwnVersion}"),
        settings.List("Proxy:TrustedHeaders") is { Count: > 0 } headers ? headers : [Microsoft.AspNetCore.HttpOverrides.ForwardedHeadersDefaults.XForwardedForHeaderName],
        [.. settings.List("Proxy:TrustedOrigins").Select(Network)],
        settings.Bool("Tokens:AllowQueryParameter", otherwise: false));

    private static string Version(string text) => VersionForm().IsMatch(text)
        ? text
        : throw new SettingException("Compatibility:ReportedVersion", $"is '{text}'; clients read versions like v2.34.1.");

    private static IPNetwork Network(string text) =>
        IPNetwork.TryParse(text.Contains('/', StringComparison.Ordinal) ? text : $"{text}/{(text.Contains(':', StringComparison.Ordinal) ? 128 : 32)}", out var network)
            ? network
            : throw new SettingException("Proxy:TrustedOrigins", $"has '{text}'; write addresses or networks such as 10.0.0.0/8.");

    [GeneratedRegex(@"\Av\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?\z")]
    private static partial Regex VersionForm();
}
