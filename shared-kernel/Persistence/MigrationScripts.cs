using Microsoft.EntityFrameworkCore.Migrations;

namespace Modular.SharedKernel.Persistence;

/// <summary>What a model cannot say (triggers, functions, first rows) stands in files of SQL beside the migration, embedded in its assembly.</summary>
public static class MigrationScripts
{
    /// <summary>Runs a file of SQL that stands in the folder of the migration.</summary>
    /// <typeparam name="TMigration">The migration.</typeparam>
    /// <param name="migration">Its builder.</param>
    /// <param name="file">The file's name.</param>
    /// <exception cref="FileNotFoundException">The assembly has no such resource.</exception>
    public static void Script<TMigration>(this MigrationBuilder migration, string file)
        where TMigration : Migration
    {
        var name = $"{typeof(TMigration).Namespace}.{file}";
        using var script = typeof(TMigration).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException($"{name} is not embedded.");
        using var reader = new StreamReader(script);
        migration.Sql(reader.ReadToEnd());
    }
}
