using MediatR;
using Microsoft.EntityFrameworkCore;
using Modular.Host.Experiments;
using Modular.Host.Experiments.Domain;
using Modular.Host.Persistence;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Results;
using Npgsql;

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
        IEnumerable<IModule> modules, HostDbContext db, DbSession session, IIntegrationEvents events, TimeProvider clock)
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

            if (!await LockAsync(request.Name, cancellationToken))
            {
                return running;
            }

            if ((await PluginRecords.AllAsync(session.Connection, cancellationToken)).FirstOrDefault(plugin => plugin.Name == request.Name) is not { } plugin)
            {
                return unknown;
            }

            if (plugin.Schema is not null)
            {
                var drop = $"drop schema if exists {new NpgsqlCommandBuilder().QuoteIdentifier(plugin.Schema)} cascade";
                await db.Database.ExecuteSqlRawAsync(drop, cancellationToken);
            }

            await db.Features.Where(feature => feature.Name == plugin.Flag).ExecuteDeleteAsync(cancellationToken);
            await db.Database.ExecuteSqlAsync($"delete from host.plugins where name = {plugin.Name}", cancellationToken);
            await db.Database.ExecuteSqlAsync($"select pg_notify({FeatureChangeListener.Channel}, {plugin.Name})", cancellationToken);
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

        /// <summary>Every server that runs with it holds the lock.</summary>
        private async Task<bool> LockAsync(string plugin, CancellationToken ct)
        {
            await using var free = new NpgsqlCommand($"select pg_try_advisory_xact_lock({PluginPresence.Key})", session.Connection)
            {
                Parameters = { new() { Value = plugin } },
            };
            return (bool)(await free.ExecuteScalarAsync(ct))!;
        }
    }

    internal sealed record PluginPurged(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
