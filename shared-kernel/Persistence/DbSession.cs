using System.Data;
using Npgsql;

namespace Modular.SharedKernel.Persistence;

/// <summary>
/// The one database connection of a scope (a request, a batch of work). Every module's context works on it, so that what
/// several modules write in one command is one transaction. The connection is opened when it is first used and goes back to the
/// pool after each query, unless a transaction holds it.
/// </summary>
public sealed class DbSession(NpgsqlDataSource dataSource) : IAsyncDisposable, IDisposable
{
    private NpgsqlConnection? connection;
    private NpgsqlTransaction? transaction;

    /// <summary>The connection, perhaps not open yet.</summary>
    public NpgsqlConnection Connection => connection ??= dataSource.CreateConnection();

    /// <summary>Whether a command's transaction is open.</summary>
    public bool InTransaction => transaction is not null;

    /// <summary>Opens the connection and begins the command's transaction.</summary>
    /// <exception cref="InvalidOperationException">One is open already: commands do not nest.</exception>
    public Task BeginAsync(CancellationToken ct) => StartAsync(IsolationLevel.ReadCommitted, ct);

    /// <summary>
    /// Asks several questions of one snapshot, for an answer whose parts must agree. Each is planned for the values at hand: the general
    /// plan of a prepared statement cannot know that a filter finds few, and would scan the table. None is compiled: that takes longer than
    /// a page does.
    /// </summary>
    public async Task<T> ReadAsync<T>(Func<Task<T>> questions, CancellationToken ct)
    {
        await StartAsync(IsolationLevel.RepeatableRead, ct);
        try
        {
            await using (var planned = new NpgsqlCommand("set local plan_cache_mode = force_custom_plan; set local jit = off", Connection))
            {
                await planned.ExecuteNonQueryAsync(ct);
            }

            var answer = await questions();
            await CommitAsync();
            return answer;
        }
        finally
        {
            await RollbackAsync(); // After a commit there is nothing to roll back.
        }
    }

    /// <summary>Commits. Takes no cancellation: a client that hangs up must not leave the outcome open.</summary>
    public async Task CommitAsync()
    {
        await transaction!.CommitAsync(CancellationToken.None);
        await EndAsync();
    }

    /// <summary>Undoes everything since <see cref="BeginAsync"/>.</summary>
    public async Task RollbackAsync()
    {
        try
        {
            if (transaction is not null && Connection.State == ConnectionState.Open)
            {
                await transaction.RollbackAsync(CancellationToken.None);
            }
        }
        catch (Exception broken) when (broken is NpgsqlException or InvalidOperationException)
        {
            // The connection was cut, perhaps during COMMIT. PostgreSQL has undone or done it; what was thrown before says more than this.
        }
        finally
        {
            await EndAsync();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>For libraries that end their scopes so.</summary>
    public void Dispose() => connection?.Dispose();

    private async Task StartAsync(IsolationLevel isolation, CancellationToken ct)
    {
        if (transaction is not null)
        {
            throw new InvalidOperationException("A command is running in this scope already. Handlers publish events, they send no requests.");
        }

        await Connection.OpenAsync(ct);
        transaction = await Connection.BeginTransactionAsync(isolation, ct);
    }

    private async Task EndAsync()
    {
        if (transaction is not null)
        {
            await transaction.DisposeAsync();
            transaction = null;
        }

        await Connection.CloseAsync();
    }
}
