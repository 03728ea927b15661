using System.Globalization;
using Modular.Host.Lifetime;

namespace Modular.Host.Postgres;

/// <summary>The programs of an installed PostgreSQL server.</summary>
/// <param name="Folder">Where initdb, pg_ctl and postgres are.</param>
/// <param name="Major">The major version.</param>
internal sealed record PostgresBinaries(string Folder, int Major)
{
    internal const int OldestMajor = 15;

    private const string DebianFolder = "/usr/lib/postgresql";

    /// <summary>Whether the extension that counts statements is installed with the server.</summary>
    internal bool HasStatementStatistics => File.Exists(Path.Combine(Folder, "../lib/pg_stat_statements.so"));

    internal string Program(string name) => Path.Combine(Folder, name);

    /// <summary>
    /// MODULAR_PG_BIN, else Debian's newest version, else what pg_config on the path names. A cluster that exists needs its own version.
    /// </summary>
    /// <exception cref="StartupException">Nothing usable is installed.</exception>
    internal static async Task<PostgresBinaries> FindAsync(int? major, CancellationToken ct)
    {
        var all = new List<PostgresBinaries>();
        if (Environment.GetEnvironmentVariable("MODULAR_PG_BIN") is { Length: > 0 } chosen)
        {
            all.Add(await InspectAsync(chosen, ct) ?? throw new StartupException($"MODULAR_PG_BIN names {chosen}, where there is no PostgreSQL server."));
        }
        else
        {
            if (Directory.Exists(DebianFolder))
            {
                foreach (var version in Directory.GetDirectories(DebianFolder))
                {
                    if (await InspectAsync(Path.Combine(version, "bin"), ct) is { } debian)
                    {
                        all.Add(debian);
                    }
                }
            }

            if (await Command.TryRunAsync("pg_config", ["--bindir"], ct) is { ExitCode: 0 } answer
                && await InspectAsync(answer.Output.Trim(), ct) is { } onPath)
            {
                all.Add(onPath);
            }
        }

        return all.Where(found => found.Major >= OldestMajor && (major is null || found.Major == major)).MaxBy(found => found.Major)
            ?? throw new StartupException(major is null
                ? $"No PostgreSQL server of version {OldestMajor} or newer is installed; install Debian's packages postgresql and postgresql-contrib, or set ConnectionStrings__Modular."
                : $"The database in the data folder was made by PostgreSQL {major}, which is not installed (found: {string.Join(", ", all.Select(found => found.Major).Distinct().DefaultIfEmpty(0))}); install that version or set MODULAR_DATA to another folder.");
    }

    private static async Task<PostgresBinaries?> InspectAsync(string folder, CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(folder, "initdb"))
            || await Command.TryRunAsync(Path.Combine(folder, "postgres"), ["--version"], ct) is not { ExitCode: 0 } answer)
        {
            return null;
        }

        // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
        var version = answer.Output.Split(' ').FirstOrDefault(word => char.IsAsciiDigit(word[0])) ?? "";
        var digits = new string([.. version.TakeWhile(char.IsAsciiDigit)]);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? new PostgresBinaries(folder, major) : null;
    }
}
