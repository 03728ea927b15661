using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.Host.Experiments;
using Modular.Host.Experiments.Domain;
using Modular.Host.Persistence;
using Modular.Host.Plugins.Domain;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Results;

namespace Modular.Host.Plugins;

/// <summary>Deletes what a plug-in that has been removed has left: its schema, the operators' word about it, the record of it.</summary>
internal static class PurgePlugin
{
    private static readonly Error unknown = Error.Conflict("plugins.unknown", "There is no removed plug-in of that name.", "./run plugins list shows them.");
    private static readonly Error partOfTheServer = Error.Conflict("plugins.core", "This module is part of the server.", "Only what was installed as a plug-in can be purged.");

    private static readonly Error running = Error.Conflict(
        "plugins.running", "A server still runs with this plug-in.", "Stop every server of this database, or restart it without the plug-in, and try again.");

    internal sealed record Command(string Name, bool IsInstalled) : ICommand<PluginRecord>;

    internal sealed class Handler(
        IEnumerable<IModule> modules, HostDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<PluginRecord>>
    {
        public async Task<Result<PluginRecord>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (modules.Any(module => module.Name.Equals(request.Name, StringComparison.OrdinalIgnoreCase)))
            {
                return partOfTheServer;
            }

            if (request.IsInstalled)
            {
                return Error.Conflict("plugins.installed", "This plug-in is installed.", $"Remove its folder {request.Name} from the folder of plug-ins first.");
            }

            if (!await db.TryLockPluginAsync(request.Name, cancellationToken)) // Every server that runs with it holds the lock.
            {
                return running;
            }

            if (await db.Plugins.AsNoTracking().SingleOrDefaultAsync(plugin => plugin.Name == request.Name, cancellationToken) is not { } plugin)
            {
                return unknown;
            }

            if (plugin.Schema is { } schema)
            {
                await db.DropSchemaAsync(schema, cancellationToken);
            }

            await db.Features.Where(feature => feature.Name == plugin.Flag).ExecuteDeleteAsync(cancellationToken);
            await db.Plugins.Where(record => record.Name == plugin.Name).ExecuteDeleteAsync(cancellationToken);
            await db.NotifyAsync(FeatureChangeListener.Channel, plugin.Name, cancellationToken);
            await events.PublishAsync(
                new PluginPurged(
                    new AuditFacts(AuditAction.Delete, FeatureSwitch.ResourceType, Guid.Empty, plugin.Flag ?? plugin.Name)
                    {
                        AdditionalFields = new Dictionary<string, object>
                        {
                            ["event"] = "purged",
                            ["plugin"] = plugin.Name,
                            ["version"] = plugin.Version,
                            ["schema"] = plugin.Schema ?? "",
                        },
                    },
                    clock.GetUtcNow()),
                cancellationToken);
            return plugin;
        }
    }

    internal sealed record PluginPurged(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
