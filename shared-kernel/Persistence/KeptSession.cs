using Npgsql;

namespace Modular.SharedKernel.Persistence;

/// <summary>
/// A connection that is kept open for what its session of the database holds: channels that it listens to, advisory locks. Connections
/// go back to the pool as they are, without a question to the database, so that this one lets go of it all before.
/// </summary>
public sealed class KeptSession : IAsyncDisposable
{
    /// <summary>Of a database that is away nothing has to be let go.</summary>
    private const int SecondsToAnswer = 1;

    private KeptSession(NpgsqlConnection connection) => Connection = connection;

    /// <summary>The connection, open.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Opens one.</summary>
    public static async Task<KeptSession> OpenAsync(NpgsqlDataSource dataSource, CancellationToken ct) => new(await dataSource.OpenConnectionAsync(ct));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Connection.State == System.Data.ConnectionState.Open)
            {
                await using var release = new NpgsqlCommand("unlisten *; select pg_advisory_unlock_all()", Connection) { CommandTimeout = SecondsToAnswer };
                await release.ExecuteNonQueryAsync();
            }
        }
        catch (Exception broken) when (broken is NpgsqlException or InvalidOperationException)
        {
            // The session is gone, and with it what it held.
        }

        await Connection.DisposeAsync();
    }
}
