using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Modular.SharedKernel.Persistence;

/// <summary>A module's own view of its own schema. Tables and columns are snake_case.</summary>
public abstract class ModuleDbContext : DbContext
{
    /// <summary>The table, in each module's schema, that says which migrations have run.</summary>
    public const string HistoryTable = "migrations";

    private readonly string schema;

    /// <summary>Binds the context to the module's schema.</summary>
    protected ModuleDbContext(DbContextOptions options, string schema)
        : base(options)
    {
        this.schema = schema;

        // The transaction is the command's, on the shared connection. A second one begun by EF Core would fail.
        Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
    }

    /// <summary>The entity as it was read, however it has been changed since.</summary>
    public T Unchanged<T>(T entity)
        where T : class => (T)Entry(entity).OriginalValues.ToObject();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(schema);
        modelBuilder.ApplyConfigurationsFromAssembly(GetType().Assembly);
    }
}

/// <summary>How modules register their contexts.</summary>
public static class ModuleDbContextRegistration
{
    /// <summary>Registers the context on the scope's connection, with its own migration history.</summary>
    public static IServiceCollection AddModuleDbContext<TContext>(this IServiceCollection services, string schema)
        where TContext : ModuleDbContext
    {
        services.AddSingleton(new ModuleContext(typeof(TContext), schema));
        return services.AddDbContext<TContext>((provider, options) => Configure(options, provider.GetRequiredService<DbSession>().Connection, schema));
    }

    /// <summary>What a context is made with by <c>dotnet ef migrations add</c>, in a plug-in's <c>IDesignTimeDbContextFactory</c>.</summary>
    public static DbContextOptions<TContext> OptionsAtDesignTime<TContext>(string schema)
        where TContext : ModuleDbContext
    {
        var options = new DbContextOptionsBuilder<TContext>();
        Configure(options, new NpgsqlConnection(), schema);
        return options.Options;
    }

    private static void Configure(DbContextOptionsBuilder options, NpgsqlConnection connection, string schema) => options
        .UseNpgsql(connection, npgsql => npgsql.MigrationsHistoryTable(ModuleDbContext.HistoryTable, schema))
        .UseSnakeCaseNamingConvention()

        // A count up to a limit has no order to speak of; every list here is ordered by what its contract names. Who migrates in a
        // transaction of its own holds a lock of its own.
        .ConfigureWarnings(warnings => warnings.Ignore(
            CoreEventId.RowLimitingOperationWithoutOrderByWarning, RelationalEventId.MigrationsUserTransactionWarning));
}

/// <summary>A context that has migrations, and the schema they build.</summary>
public sealed record ModuleContext(Type Type, string Schema);
