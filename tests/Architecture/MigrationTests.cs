using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Modular.SharedKernel.Persistence;

namespace Modular.Tests.Architecture;

/// <summary>
/// Nothing has been released, so that each schema is made in one step, which can be read as a whole. Each rule has a twin that shows it failing.
/// The first release takes the first rule away: from then on a change of a schema is a migration of its own.
/// </summary>
public sealed class MigrationTests
{
    public static TheoryData<string> Assemblies => [.. Owners.Select(assembly => assembly.GetName().Name!)];

    private static IEnumerable<Assembly> Owners => Solution.ModuleAssemblies.Append(Solution.Host);

    [Theory, MemberData(nameof(Assemblies))]
    public void A_schema_is_made_by_one_migration(string assembly) => Assert.Equal(["Initial"], MigrationsOf(Assembly.Load(assembly)).Select(migration => migration.Name));

    [Fact]
    public void Twin_a_second_migration_is_found() =>
        Assert.Equal([nameof(Complete), nameof(Forgetful)], MigrationsOf(typeof(MigrationTests).Assembly).Select(migration => migration.Name).Order());

    [Theory, MemberData(nameof(Assemblies))]
    public void A_script_beside_a_migration_is_run_by_it(string assembly)
    {
        var migration = MigrationsOf(Assembly.Load(assembly)).Single();
        Assert.Equal(FilesBeside(migration).Order(), ScriptsOf(migration).Order());
        Assert.Empty(NotRun(migration));
    }

    [Fact]
    public void Twin_a_script_that_is_not_run_is_found()
    {
        Assert.Empty(NotRun(typeof(Complete)));
        Assert.Equal(["Modular.Tests.Architecture.twin.sql"], NotRun(typeof(Forgetful)));
    }

    [Fact]
    public void Twin_a_script_that_is_not_embedded_is_refused() =>
        Assert.Throws<FileNotFoundException>(() => new MigrationBuilder(null).Script<Complete>("another.sql"));

    private static IEnumerable<Type> MigrationsOf(Assembly assembly) => assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Migration)));

    /// <summary>As they would be named in the assembly.</summary>
    private static IEnumerable<string> FilesBeside(Type migration) =>
        from root in (string[])["host", "modules"]
        from file in new DirectoryInfo(Path.Combine(Solution.Root.FullName, root)).EnumerateFiles("*.sql", SearchOption.AllDirectories)
        where file.DirectoryName!.EndsWith("/Persistence/Migrations", StringComparison.Ordinal)
        let source = file.Directory!.EnumerateFiles("*_Initial.cs").Single()
        where File.ReadAllText(source.FullName).Contains($"namespace {migration.Namespace}\n", StringComparison.Ordinal)
        select $"{migration.Namespace}.{file.Name}";

    private static IEnumerable<string> ScriptsOf(Type migration) => migration.Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(migration.Namespace!, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal));

    private static IEnumerable<string> NotRun(Type migration)
    {
        var run = ((Migration)Activator.CreateInstance(migration)!).UpOperations.OfType<SqlOperation>().Select(operation => operation.Sql).ToHashSet();
        return ScriptsOf(migration).Where(name =>
        {
            using var reader = new StreamReader(migration.Assembly.GetManifestResourceStream(name)!);
            return !run.Contains(reader.ReadToEnd());
        });
    }

    private sealed class Complete : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<Complete>("twin.sql");
    }

    private sealed class Forgetful : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("select 2;");
    }
}
