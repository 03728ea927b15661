using Modular.Host.Lifetime;
using Npgsql;

namespace Modular.Host.Persistence;

/// <summary>
/// Being told of changes (LISTEN), advisory locks and prepared statements need a session of the database for each connection. A pooler that
/// hands out a session for each transaction loses them without an error, so it is found by what it does: two connections that are open
/// meet the same session, or one meets several.
/// </summary>
internal static class SessionCheck
{
    /// <summary>
    /// Which connection asks, in turn. Poolers hand out the session that was free last, or each in its turn; this order shows both, whatever
    /// the number of sessions.
    /// </summary>
    private const string Turns = "ABAABBABAAABBB";

    /// <exception cref="StartupException">The connections have no session of their own.</exception>
    internal static async Task RequireAsync(NpgsqlConnection one, NpgsqlConnection other, string setting, CancellationToken ct)
    {
        var met = new HashSet<(char Connection, string Session)>();
        for (var turn = 0; turn < Turns.Length; turn++)
        {
            // No two are the same text: none is prepared, which such a pooler would answer with an error.
            await using var ask = new NpgsqlCommand(
                $"select pid || ' ' || backend_start from pg_stat_activity where pid = pg_backend_pid() -- {turn}", Turns[turn] == 'A' ? one : other);
            met.Add((Turns[turn], (string)(await ask.ExecuteScalarAsync(ct))!));
        }

        if (met.Count != 2 || met.Select(pair => pair.Session).Distinct().Count() != 2)
        {
            throw new StartupException(
                $"{ConnectionStrings.NameOf(setting)} leads to a pooler that gives each transaction another session; let it pool sessions (pgbouncer: pool_mode = session), or connect to the database itself.");
        }
    }
}
