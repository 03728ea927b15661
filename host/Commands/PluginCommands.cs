using MediatR;
using Modular.Host.Files;
using Modular.Host.Lifetime;
using Modular.Host.Persistence;
using Modular.Host.Plugins;
using Modular.Host.Plugins.Domain;
using Modular.Host.Startup;
using Modular.SharedKernel.Modules;
using Npgsql;

namespace Modular.Host.Commands;

/// <summary><c>./run plugins</c>: for the operator, beside a server that runs or without one.</summary>
internal static class PluginCommands
{
    private const string Usage = "Write: ./run plugins list, or: ./run plugins purge NAME.";

    /// <param name="arguments">What stands behind <c>plugins</c>; settings may follow.</param>
    /// <param name="catalog">The server's own modules.</param>
    /// <param name="stopping">The operator wants it to end.</param>
    /// <exception cref="StartupException">It cannot be done.</exception>
    internal static async Task RunAsync(string[] arguments, IReadOnlyList<IModule> catalog, CancellationToken stopping)
    {
        Func<WebApplication, bool, Task> command = arguments switch
        {
            ["list", ..] => ListAsync,
            ["purge", { } name, ..] when name[0] != '-' => (app, hasDatabase) => PurgeAsync(app, hasDatabase, name),
            _ => throw new StartupException(Usage),
        };
        var settings = arguments.SkipWhile(argument => argument.Length == 0 || argument[0] != '-');
        var app = ModularServer.Build(["--Logging:LogLevel:Default", "Warning", .. settings], catalog);
        var database = app.Services.GetRequiredService<ModularDatabase>();
        DataFolderFiles.Check(ModularDatabase.DataFolderOf(app.Configuration));
        try
        {
            await using (app)
            {
                await command(app, await database.ReachAsync(stopping) && await HasRecordsAsync(app));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new StartupException("Stopped before it was done; nothing has been changed.");
        }
        finally
        {
            await database.StopAsync();
        }
    }

    private static async Task ListAsync(WebApplication app, bool hasDatabase)
    {
        var installed = PluginSet.Installed(PluginSet.FolderOf(app.Configuration)).Select(folder => folder.Name).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<PluginRecord> records = [];
        if (hasDatabase)
        {
            await using var scope = app.Services.CreateAsyncScope();
            records = await scope.ServiceProvider.GetRequiredService<HostDbContext>().KnownPluginsAsync(CancellationToken.None);
        }

        string[][] rows =
        [
            ["NAME", "VERSION", "FLAG", "SCHEMA", "STATE"],
            .. records.Select(record => new[] { record.Name, record.Version, record.Flag ?? "", record.Schema ?? "", StateOf(record, installed.Contains(record.Name)) }),
            .. installed.Except(records.Select(record => record.Name)).Order(StringComparer.Ordinal).Select(name => new[] { name, "", "", "", "new: found at the next start" }),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        Console.WriteLine($"\nPlug-ins are folders in {PluginSet.FolderOf(app.Configuration)}.");
    }

    private static string StateOf(PluginRecord record, bool isInstalled) => (isInstalled, record.LeftOff) switch
    {
        (false, _) => "removed: its data is kept until it is purged",
        (true, { } reason) => $"left off: {reason}",
        _ => "runs",
    };

    private static async Task PurgeAsync(WebApplication app, bool hasDatabase, string name)
    {
        var installed = PluginSet.Installed(PluginSet.FolderOf(app.Configuration)).Any(folder => folder.Name == name);
        if (!hasDatabase)
        {
            throw new StartupException("There is no database yet, and so nothing to purge.");
        }

        await using var scope = app.Services.CreateAsyncScope();
        var result = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new PurgePlugin.Command(name, installed));
        if (result.Error is { } error)
        {
            throw new StartupException($"{name} is not purged. {error.Message} {error.Detail}");
        }

        Console.WriteLine(result.Value.Schema is { } schema
            ? $"{name} is purged: its schema {schema} and all that was in it are gone."
            : $"{name} is purged. It had no data.");
    }

    private static async Task<bool> HasRecordsAsync(WebApplication app)
    {
        await using var connection = await ModularDatabase.ConnectAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), CancellationToken.None);
        return await PluginRecords.ExistAsync(connection, CancellationToken.None);
    }
}
