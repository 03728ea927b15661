using System.Net;
using Microsoft.AspNetCore.Connections;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Settings;

namespace Modular.Host.Server.Limits;

/// <summary>How many connections are kept open at once, whatever is sent on them; 0 or less for any number.</summary>
/// <param name="AtOnce">All together. Each may hold some hundred KiB of requests and answers, and takes a file of the process.</param>
/// <param name="OfANetwork">Of one network (48 bits of an IPv6 address, all of an IPv4 one).</param>
internal sealed record ConnectionLimits(int AtOnce, int OfANetwork)
{
    private const int Usual = 4096;

    internal static ConnectionLimits Read(SettingsReader settings) => new(
        settings.WholeNumber("Limits:Connections", Math.Min(Usual, OpenFiles() / 2)),
        settings.WholeNumber("Limits:ConnectionsPerAddress", 256));

    /// <summary>How many files the process may have open: without one for it, neither a connection nor the database's programs can be started.</summary>
    private static int OpenFiles() => File.ReadLines("/proc/self/limits")
        .Where(line => line.StartsWith("Max open files", StringComparison.Ordinal))
        .Select(line => int.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], out var files) ? files : int.MaxValue)
        .FirstOrDefault(int.MaxValue);
}

/// <summary>
/// Closes a connection at once that is one too many from its network, before anything is read from it. Trusted proxies, through which all
/// clients may come, have no bound of their own.
/// </summary>
internal sealed class Connections(ConnectionLimits limits, ServerSettings server)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);

    internal async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (limits.OfANetwork <= 0 || (connection.RemoteEndPoint as IPEndPoint)?.Address is not { } address || IsTrusted(address))
        {
            await next(connection);
            return;
        }

        var network = ClientNetwork.Of(address, ipv6Bits: 48);
        if (!Enter(network))
        {
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(network);
        }
    }

    private bool IsTrusted(IPAddress address)
    {
        var client = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return server.TrustedProxies.Any(proxies => proxies.Contains(client));
    }

    private bool Enter(string network)
    {
        lock (gate)
        {
            var others = open.GetValueOrDefault(network);
            if (others >= limits.OfANetwork)
            {
                return false;
            }

            open[network] = others + 1;
            return true;
        }
    }

    private void Leave(string network)
    {
        lock (gate)
        {
            if (--open[network] == 0)
            {
                open.Remove(network);
            }
        }
    }
}
