using Npgsql;

namespace Modular.Host.Persistence;

/// <summary>The question that every database can answer.</summary>
internal static class Ping
{
    private const string Question = "select 1";

    /// <exception cref="NpgsqlException">No connection of the pool answers.</exception>
    internal static async Task PingAsync(this NpgsqlDataSource dataSource, CancellationToken ct)
    {
        await using var ping = dataSource.CreateCommand(Question);
        await ping.ExecuteScalarAsync(ct);
    }

    /// <exception cref="NpgsqlException">The connection does not answer.</exception>
    internal static async Task PingAsync(this NpgsqlConnection connection, CancellationToken ct)
    {
        await using var ping = new NpgsqlCommand(Question, connection);
        await ping.ExecuteScalarAsync(ct);
    }
}
