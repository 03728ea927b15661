using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

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
    /// <summary>Registers the context on the scope's connection, with its own migration history. Requests may write all its tables.</summary>
    public static IServiceCollection AddModuleDbContext<TContext>(this IServiceCollection services, string schema)
        where TContext : ModuleDbContext => services.AddModuleDbContext<TContext>(schema, TableRights.Write);

    /// <summary>Registers the context on the scope's connection, with its own migration history.</summary>
    /// <param name="services">The server's.</param>
    /// <param name="schema">That of the context.</param>
    /// <param name="rights">What requests may do with its tables, those included that later migrations make.</param>
    /// <param name="except">Tables of which they may do something else.</param>
    public static IServiceCollection AddModuleDbContext<TContext>(
        this IServiceCollection services, string schema, TableRights rights, params (string Table, TableRights Rights)[] except)
        where TContext : ModuleDbContext
    {
        services.AddSingleton(new ModuleContext(typeof(TContext), schema, rights, except));

        // The options are made once; a context is given its scope's connection. Options with a connection would be made for every request.
        var make = ActivatorUtilities.CreateFactory<TContext>([]);
        services.AddScoped(provider =>
        {
            var context = make(provider, null);
            context.Database.SetDbConnection(provider.GetRequiredService<DbSession>().Connection);
            return context;
        });
        return services.AddDbContext<TContext>(options => Configure(options, schema), ServiceLifetime.Scoped, ServiceLifetime.Singleton);
    }

    /// <summary>What a context is made with by <c>dotnet ef migrations add</c>, in a plug-in's <c>IDesignTimeDbContextFactory</c>.</summary>
    public static DbContextOptions<TContext> OptionsAtDesignTime<TContext>(string schema)
        where TContext : ModuleDbContext
    {
        var options = new DbContextOptionsBuilder<TContext>();
        Configure(options, schema);
        return options.Options;
    }

    private static void Configure(DbContextOptionsBuilder options, string schema) => options
        .UseNpgsql(npgsql => npgsql.MigrationsHistoryTable(ModuleDbContext.HistoryTable, schema))
        .UseSnakeCaseNamingConvention()

        // A count up to a limit has no order to speak of; every list here is ordered by what its contract names. Who migrates in a
        // transaction of its own holds a lock of its own.
        .ConfigureWarnings(warnings => warnings.Ignore(
            CoreEventId.RowLimitingOperationWithoutOrderByWarning, RelationalEventId.MigrationsUserTransactionWarning));
}

/// <summary>
/// What requests may do with the rows of a table. They may never change the table itself: that is the owner's, who migrates.
/// </summary>
public enum TableRights
{
    /// <summary>Nothing: only migrations and the operator's commands use it.</summary>
    None,

    /// <summary>SELECT.</summary>
    Read,

    /// <summary>SELECT and INSERT: what stands there stays as it is.</summary>
    Append,

    /// <summary>SELECT, INSERT, UPDATE and DELETE.</summary>
    Write,
}

/// <summary>A context that has migrations, the schema they build, and what requests may do with the tables in it.</summary>
public sealed record ModuleContext(Type Type, string Schema, TableRights Rights, IReadOnlyList<(string Table, TableRights Rights)> Except)
{
    /// <summary>What requests may do with a table. Which migrations have run is no business of theirs.</summary>
    public TableRights RightsOn(string table) => table == ModuleDbContext.HistoryTable
        ? TableRights.None
        : Except.Where(exception => exception.Table == table).Select(exception => (TableRights?)exception.Rights).FirstOrDefault() ?? Rights;
}
