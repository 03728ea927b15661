using Modular.SharedKernel.Persistence;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Structure;

/// <summary>
/// Connections go back to the pool as they are. One that listened, or held a lock, lets go of both before; the next request would have them.
/// </summary>
[Collection(SharedApi.Name)]
public sealed class KeptSessionTests(ModularApi api)
{
    private const string Keep = "listen kept_session; select pg_advisory_lock(4711, 4712)";

    private const string Kept = """
        select (select count(*) from pg_listening_channels())
            + (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory')
        """;

    [Fact]
    public async Task Nothing_is_left_for_the_next_one()
    {
        await using var pool = OfOne();
        await using (var session = await KeptSession.OpenAsync(pool, default))
        {
            await ExecuteAsync(session.Connection, Keep);
        }

        Assert.Equal(0L, await KeptAsync(pool));
    }

    [Fact]
    public async Task Twin_without_it_both_are_left()
    {
        await using var pool = OfOne();
        await using (var connection = await pool.OpenConnectionAsync())
        {
            await ExecuteAsync(connection, Keep);
        }

        Assert.Equal(2L, await KeptAsync(pool));
    }

    private NpgsqlDataSource OfOne() =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(api.ConnectionString) { Pooling = true, MaxPoolSize = 1, NoResetOnClose = true });

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> KeptAsync(NpgsqlDataSource pool)
    {
        await using var command = pool.CreateCommand(Kept);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
