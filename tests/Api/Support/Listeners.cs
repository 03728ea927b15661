using System.Diagnostics;
using Npgsql;

namespace Modular.Tests.Api.Support;

/// <summary>The connections on which a server hears the others.</summary>
internal sealed class Listeners : IAsyncDisposable
{
    private readonly NpgsqlConnection database;
    private readonly List<int> stopped = [];

    private Listeners(NpgsqlConnection database) => this.database = database;

    internal static async Task<Listeners> OfAsync(string connectionString)
    {
        var database = new NpgsqlConnection(connectionString);
        await database.OpenAsync();
        return new Listeners(database);
    }

    internal async Task CutAsync(bool silently)
    {
        // All servers' of this database: whose they are cannot be told, and the others listen anew.
        await using var find = new NpgsqlCommand(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query ~* '^(listen|select 1)'",
            database);
        var pids = new List<int>();
        await using (var rows = await find.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                pids.Add(rows.GetInt32(0));
            }
        }

        Assert.NotEmpty(pids);
        foreach (var pid in pids)
        {
            if (silently)
            {
                stopped.Add(pid);
                await SignalAsync("STOP", pid);
            }
            else
            {
                await using var end = new NpgsqlCommand("select pg_terminate_backend($1)", database) { Parameters = { new() { Value = pid } } };
                await end.ExecuteScalarAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pid in stopped)
        {
            await SignalAsync("CONT", pid);
        }

        await database.DisposeAsync();
    }

    private static async Task SignalAsync(string signal, int pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
