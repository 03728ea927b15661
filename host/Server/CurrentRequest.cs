using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server;

/// <summary>What handlers may know of the running request, whatever scope they run in: who is calling, and from where.</summary>
internal sealed class CurrentRequest(IHttpContextAccessor accessor) : ICurrentUser, IRequestOrigin
{
    private const int MaxUserAgentBytes = 512;

    public Caller? Caller => accessor.HttpContext?.Features.Get<Caller>();

    public Target? Target => accessor.HttpContext?.Features.Get<Target>();

    public RequestOrigin Current => accessor.HttpContext is { } http
        ? new RequestOrigin(
            http.RequestId(),
            http.Connection.RemoteIpAddress?.MapToIPv4IfPossible(),
            Cut(http.Request.Headers.UserAgent.ToString()),
            Answer.SuccessOf(http.GetEndpoint()))
        : RequestOrigin.None;

    private static string Cut(string userAgent)
    {
        var bytes = Encoding.UTF8.GetBytes(userAgent.Replace('\0', ' '));
        var end = Math.Min(bytes.Length, MaxUserAgentBytes);
        while (end < bytes.Length && end > 0 && (bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return Encoding.UTF8.GetString(bytes, 0, end);
    }
}

internal static class AddressForms
{
    /// <summary>A dual-stack socket shows IPv4 clients in IPv6 clothes.</summary>
    internal static System.Net.IPAddress MapToIPv4IfPossible(this System.Net.IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

/// <summary>The configured address, else the first one listened on.</summary>
internal sealed class AccessUrl(ServerSettings settings, IServer server) : IAccessUrl
{
    public string Value => (settings.AccessUrl?.ToString()
        ?? server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
        ?? "http://127.0.0.1").TrimEnd('/');

    public bool IsHttps => Value.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
}
