using System.Text.RegularExpressions;

namespace Modular.Tests.Architecture;

/// <summary>
/// A connection goes back to the pool as a statement leaves it, so that the next request would find what was set. Only what is meant for a
/// transaction is allowed, and what a session keeps in connections that are cleared, or not pooled. All SQL stands in Persistence folders
/// (<see cref="RawSqlTests"/>). The rule has a twin that shows it failing.
/// </summary>
public sealed partial class SessionStateTests
{
    private static readonly string[] keptSessions =
        ["shared-kernel/Persistence/ChannelListener.cs", "shared-kernel/Persistence/KeptSession.cs", "host/Persistence/PluginLock.cs", "host/Persistence/MigrationLock.cs"];

    [Fact]
    public void No_statement_leaves_anything_in_its_session() =>
        Assert.Empty(SourceFile.All
            .Where(file => file.Path.Contains("/Persistence/", StringComparison.Ordinal) && !keptSessions.Contains(file.Path))
            .SelectMany(file => Leaving.Matches(file.Text).Select(found => $"{file.Path}: {found.Value}")));

    [Fact]
    public void The_files_that_keep_something_in_theirs_are_there() =>
        Assert.Equal(keptSessions.Order(), SourceFile.All.Where(file => keptSessions.Contains(file.Path) && Leaving.IsMatch(file.Text)).Select(file => file.Path).Order());

    [Theory]
    [InlineData("\"set statement_timeout = 5\"")]
    [InlineData("$\"set session statement_timeout to {limit}\"")]
    [InlineData("\"\"\"\n    set time zone 'UTC'\n    \"\"\"")]
    [InlineData("\"select set_config('a.b', 'c', false)\"")]
    [InlineData("\"listen changes\"")]
    [InlineData("\"select pg_advisory_lock(1)\"")]
    [InlineData("\"select pg_try_advisory_lock_shared(1, 2)\"")]
    [InlineData("\"create temporary table t (a int)\"")]
    [InlineData("\"declare c cursor with hold for select 1\"")]
    public void Twin_what_stays_is_found(string code) => Assert.Matches(Leaving, code);

    [Theory]
    [InlineData("\"set local plan_cache_mode = force_custom_plan; set local jit = off\"")]
    [InlineData("\"update users.users set name = $1\"")]
    [InlineData("\"select pg_advisory_xact_lock(1)\"")]
    [InlineData("/// Sets the key of a set of users; the rest listens to changes.")]
    public void Twin_what_ends_with_its_transaction_is_not(string code) => Assert.DoesNotMatch(Leaving, code);

    [GeneratedRegex("""[";]\s*set (session |time zone|role|(?!local )\w+(\.\w+)? (=|to) )|set_config\([^)]*false|[";]\s*(un)?listen |pg_(try_)?advisory_(unlock|lock)|create (global |local )?temp|declare \w+ .*with hold""", RegexOptions.IgnoreCase)]
    private static partial Regex Leaving { get; }
}
