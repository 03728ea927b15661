using System.Text.RegularExpressions;

namespace Modular.Tests.Architecture;

/// <summary>
/// SQL stands beside the tables that it is about, as methods that say what they do, so that a use case reads as prose and a column has one
/// place where statements name it. The rule has a twin that shows it failing.
/// </summary>
public sealed partial class RawSqlTests
{
    [Fact]
    public void Sql_stands_in_persistence_folders_and_with_the_built_in_database_alone() =>
        Assert.Empty(SourceFile.All.Where(file => !MayHoldSql(file)).SelectMany(Statements));

    [Theory]
    [InlineData("db.Users.FromSql($\"select * from users.users\")")]
    [InlineData("db.Users.FromSqlRaw(sql)")]
    [InlineData("await db.Database.ExecuteSqlAsync($\"select 1\", ct);")]
    [InlineData("db.Database.SqlQuery<int>($\"select 1\")")]
    [InlineData("await using var command = new NpgsqlCommand(sql, connection);")]
    [InlineData("await using var command = dataSource.CreateCommand(sql);")]
    [InlineData("command.CommandText = sql;")]
    [InlineData("await using var batch = new NpgsqlBatch(connection);")]
    [InlineData("await connection.BeginTextImportAsync(copy, ct);")]
    public void Twin_sql_in_a_use_case_is_found(string code) => Assert.Single(Statements(new SourceFile("modules/Users/Module/People/CreateUser.cs", code)));

    [Fact]
    public void Twin_the_folders_that_may_hold_sql_do() =>
        Assert.NotEmpty(SourceFile.All.Where(MayHoldSql).SelectMany(Statements));

    [Fact]
    public void Folders_are_namespaces() => Assert.All(
        SourceFile.All.Where(file => file.Path.Contains("/Persistence/", StringComparison.Ordinal)),
        file => Assert.Matches(@"\bnamespace [\w.]+\.Persistence(\.Migrations)?\b", file.Text));

    private static bool MayHoldSql(SourceFile file) =>
        file.Path.Contains("/Persistence/", StringComparison.Ordinal) || file.Path.StartsWith("host/Postgres/", StringComparison.Ordinal);

    private static IEnumerable<string> Statements(SourceFile file) => file.Text.Split('\n')
        .Select((line, place) => (Line: line, Place: place + 1))
        .Where(written => Statement.IsMatch(written.Line))
        .Select(written => $"{file.Path}:{written.Place}: {written.Line.Trim()}");

    [GeneratedRegex(@"\b(FromSql\w*|ExecuteSql\w*|SqlQuery\w*|(Npgsql|Db)(Command|Batch)\b|Create(Command|Batch)\(|CommandText|Begin(Text|Binary|RawBinary)?(Import|Export|Copy))")]
    private static partial Regex Statement { get; }
}
