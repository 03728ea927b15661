using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Persistence;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Structure;

/// <summary>
/// Every table of the database has an entity with its columns, so that the model says what there is, and what migrations make beside the model
/// is found. The record of migrations is EF Core's own.
/// </summary>
[Collection(SharedApi.Name)]
public sealed class TablesAndEntitiesTests(ModularApi api)
{
    public static TheoryData<string> Schemas => [.. Modular.Host.ModuleCatalog.All.Select(module => module.Schema)];

    [Theory, MemberData(nameof(Schemas))]
    public async Task The_migrated_schema_is_that_of_the_model(string schema)
    {
        Assert.NotEmpty(Model(api.Services, schema));
        Assert.Equal(Model(api.Services, schema), await DatabaseAsync(api.ConnectionString, schema));
    }

    [Fact]
    public async Task Twin_a_table_and_a_column_without_an_entity_are_found()
    {
        await using var another = await api.StartAnotherAsync();
        await using (var database = new NpgsqlConnection(another.ConnectionString))
        {
            await database.OpenAsync();
            await using var change = new NpgsqlCommand(
                "create table audit.another (id uuid not null); alter table audit.entries add column more text[]", database);
            await change.ExecuteNonQueryAsync();
        }

        var found = (await DatabaseAsync(another.ConnectionString, "audit")).Except(Model(another.Services, "audit"));

        Assert.Equal(["another.id uuid not null", "entries.more text[]"], found);
    }

    private static IEnumerable<string> Model(IServiceProvider services, string schema)
    {
        using var scope = services.CreateScope();
        return
        [
            .. services.GetServices<ModuleContext>()
                .Where(context => context.Schema == schema)
                .SelectMany(context => ((DbContext)scope.ServiceProvider.GetRequiredService(context.Type)).GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables)
                .SelectMany(table => table.Columns)
                .Select(column => Text(column.Table.Name, column.Name, column.StoreType, column.IsNullable))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static async Task<IEnumerable<string>> DatabaseAsync(string connectionString, string schema)
    {
        await using var database = new NpgsqlConnection(connectionString);
        await database.OpenAsync();
        await using var read = new NpgsqlCommand(
            """
            select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), not a.attnotnull
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname <> $2 and a.attnum > 0 and not a.attisdropped
            """,
            database)
        {
            Parameters = { new() { Value = schema }, new() { Value = ModuleDbContext.HistoryTable } },
        };
        await using var rows = await read.ExecuteReaderAsync();
        var columns = new List<string>();
        while (await rows.ReadAsync())
        {
            columns.Add(Text(rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetBoolean(3)));
        }

        return columns.Order(StringComparer.Ordinal);
    }

    private static string Text(string table, string column, string type, bool isNullable) => $"{table}.{column} {type}{(isNullable ? "" : " not null")}";
}
