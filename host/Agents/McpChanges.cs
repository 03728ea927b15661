using Modular.Host.Persistence;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Persistence;
using Npgsql;

namespace Modular.Host.Agents;

/// <summary>Tells of changes by a notification that the commit of the change sends.</summary>
internal sealed class McpChanges(HostDbContext db) : IMcpChanges
{
    internal const string Channel = "modular_mcp";

    public Task TellAsync(string featureFlag, Guid userId, CancellationToken ct) =>
        db.NotifyAsync(Channel, $"{userId} {featureFlag}", ct);
}

/// <summary>Hears of changes on all servers of the database, this one too, and passes them to the streams that are open here.</summary>
internal sealed class McpChangeListener(NpgsqlDataSource dataSource, McpStreams streams, TimeProvider clock, ILogger<McpChangeListener> logger)
    : ChannelListener(dataSource, clock, logger, McpChanges.Channel)
{
    protected override Task OnListeningAsync(CancellationToken ct)
    {
        streams.TellAll(); // A change may have been announced while this server was not listening.
        return Task.CompletedTask;
    }

    protected override Task OnHeardAsync(string what, CancellationToken ct)
    {
        if (what.Split(' ', 2) is [var user, var featureFlag] && Guid.TryParse(user, out var userId))
        {
            streams.Tell(userId, featureFlag);
        }

        return Task.CompletedTask;
    }
}
